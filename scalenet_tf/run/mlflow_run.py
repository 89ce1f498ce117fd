"""mlflow.json: the MLflow run that a run is logged to."""

from __future__ import annotations

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.value_file import FileValue, read_if_there


class MlflowRun(FileValue):
    """The MLflow run of a run.

    Attributes:
      run_id: Identifier in the store of MLflow.
    """

    run_id: str


def read_mlflow_run(run: RunFolder) -> MlflowRun | None:
    """Returns the MLflow run that a run is logged to, or None if there is none yet.

    Raises:
      ScaleNetError: If the file is damaged.
    """
    return read_if_there(run.mlflow_file, MlflowRun, "Remove it to log to a new MLflow run.")
