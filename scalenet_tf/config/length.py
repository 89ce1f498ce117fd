"""The settings that determine how long a run takes."""

from __future__ import annotations

from typing import Any

from scalenet_tf.config.run_config import RunConfig

LENGTH_OF_MEMBERS = ("epochs", "scratch_epochs", "warmup_epochs", "epoch_images")
_KEYS = {
    "supernet": ("steps", "warmup_steps"),
    "search": ("rounds", "population", "start_bases", "validation_images"),
    "members": LENGTH_OF_MEMBERS,
}


def length_of(config: RunConfig) -> dict[str, Any]:
    """Returns the settings of a configuration that determine the length of a run, by dotted key.

    Args:
      config: The configuration.

    Example:
      >>> length_of(load_config("smoke"))["supernet.steps"]
      40
    """
    return {
        f"{section}.{key}": getattr(getattr(config, section), key)
        for section, keys in _KEYS.items()
        for key in keys
    }
