"""The training of a super-supernet at another length."""

from __future__ import annotations

from scalenet_tf.config import SupernetConfig


def of_length(config: SupernetConfig, steps: int, warmup: float, log_steps: int = 100) -> SupernetConfig:
    """A training with another number of steps; its warm-up is the same fraction of any number of them.

    Args:
      config: The training.
      steps: Number of steps.
      warmup: Fraction of the steps, 0 to 1, over which the learning rate rises.
      log_steps: Steps between two rows of the log, at most.
    """
    changes = {"steps": steps, "warmup_steps": round(warmup * steps), "log_steps": min(log_steps, steps)}
    return SupernetConfig.model_validate({**config.model_dump(), **changes})
