"""SavedModels whose answers tell whether TensorFloat-32 was on when they were asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import tensorflow as tf


def watch_signatures(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Returns a list to which each call of a signature that is loaded from now on adds whether it was."""
    config, load, seen = tf.config.experimental, tf.saved_model.load, []

    class Watched:
        def __init__(self, signature: Any) -> None:
            self.signature = signature
            self.structured_input_signature = signature.structured_input_signature

        def __call__(self, **inputs: tf.Tensor) -> Any:
            seen.append(config.tensor_float_32_execution_enabled())
            return self.signature(**inputs)

    def watched(folder: str) -> SimpleNamespace:
        loaded = load(folder)
        signatures = {name: Watched(signature) for name, signature in loaded.signatures.items()}
        return SimpleNamespace(signatures=signatures, whole=loaded)

    monkeypatch.setattr(tf.saved_model, "load", watched)
    return seen
