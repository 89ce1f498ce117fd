"""The settings that determine how long a run takes."""

from __future__ import annotations

from typing import Any

from scalenet_tf.config.run_config import RunConfig

_FINALISTS = ("confirm", "confirm_epochs")
_KEYS = {
    "supernet": ("steps", "warmup_steps"),
    "search": ("rounds", "population", "start_bases", "validation_images"),
    "members": ("epochs", "scratch_epochs", "warmup_epochs", "epoch_images"),
}


def length_of(config: RunConfig) -> dict[str, Any]:
    """Returns the settings of a configuration that determine the length of a run, by dotted key.

    Args:
      config: The configuration.

    Example:
      >>> length_of(load_config("smoke"))["supernet.steps"]
      40
    """
    keys = [(section, key) for section, names in _KEYS.items() for key in names]
    if config.search.confirm:
        keys += [("search", key) for key in _FINALISTS]
    return {f"{section}.{key}": getattr(getattr(config, section), key) for section, key in keys}
