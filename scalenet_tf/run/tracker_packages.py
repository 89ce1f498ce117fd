"""The packages that `tracking` needs, looked for before anything is begun."""

from __future__ import annotations

from scalenet_tf.config import RunConfig
from scalenet_tf.utils.extras import check_installed

# Packages by tracker; each is in the extra of the tracker's name.
_PACKAGES = {"mlflow": "mlflow", "optuna": "optuna"}


def check_tracker_packages(config: RunConfig) -> None:
    """Checks that the packages of a configuration's trackers are installed, without importing them.

    Args:
      config: Configuration of a run.

    Raises:
      ScaleNetError: If a package is not installed; the text names the extra.
    """
    for tracker in config.trackers:
        if tracker in _PACKAGES:
            check_installed(_PACKAGES[tracker], tracker, f"`tracking: {tracker}`")
