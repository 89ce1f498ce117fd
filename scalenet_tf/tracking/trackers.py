"""The trackers that `tracking` in the configuration of a run names."""

from __future__ import annotations

from scalenet_tf.run import Run
from scalenet_tf.tracking.callback import RunCallback


def trackers_of(run: Run) -> dict[str, RunCallback]:
    """Makes the trackers of a run.

    Args:
      run: The run.

    Returns:
      Tracker by its name in the configuration.

    Raises:
      ScaleNetError: If a package that a tracker needs is not installed.
    """
    return {name: _make(name) for name in run.config.trackers}


def _make(name: str) -> RunCallback:
    if name == "mlflow":
        from scalenet_tf.tracking.mlflow import MlflowTracker

        return MlflowTracker()
    if name == "optuna":
        from scalenet_tf.tracking.optuna import OptunaTracker

        return OptunaTracker()
    from scalenet_tf.tracking.tensorboard import TensorBoardTracker

    return TensorBoardTracker()
