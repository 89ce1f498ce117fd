"""A run directory: its files, where they lie, and where its results come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.run.run import Run as Run

# The command line imports names of formats from this package: its help must not load what a run needs.
__all__ = ["Run"]
__getattr__, __dir__ = lazy_names(__name__, {"Run": "run"})
