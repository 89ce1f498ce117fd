"""`RunCallback`: the base class of objects that follow a run."""

from __future__ import annotations

from scalenet_tf.run import Run
from scalenet_tf.run.metrics import Metrics
from scalenet_tf.run.progress_rows import EpochRow, TrainingRow
from scalenet_tf.search.finished_trial import FinishedTrial


class RunCallback:
    """Base class for callbacks of a run. Override the methods that you need; each of them does nothing here.

    A callback hears what happens in the current call. A job step that was done before begins and ends without
    anything in between, and a resumed one goes on where it stopped. All methods are called in the process
    that called the library; results of members that train in processes of their own are read from their
    files. An exception ends the run, and the next call resumes it. A step that fails or is interrupted has no
    end.

    Attributes:
      run: The run, set before the first method is called.

    Example:
      >>> class Print(sn.RunCallback):
      ...     def on_epoch_end(self, member, row):
      ...         logging.info(f"{member} {row.epoch} {row.val_accuracy}")
      >>> sn.search_family("folder:photos", callbacks=[Print()])
    """

    run: Run

    def set_run(self, run: Run) -> None:
        """Sets `run`, at the beginning of each job step."""
        self.run = run

    def on_step_begin(self, step: str) -> None:
        """Called at the beginning of a job step.

        Args:
          step: "train", "search", "scale", "retrain", "export" or "report".
        """

    def on_step_end(self, step: str) -> None:
        """Called when a job step is done.

        Args:
          step: Name of the step.
        """

    def on_supernet_log(self, row: TrainingRow) -> None:
        """Called every `supernet.log_steps` steps of the super-supernet's training.

        Args:
          row: Means over these steps: `step`, `loss`, `accuracy`, `learning_rate` and more.
        """

    def on_trial_end(self, trial: FinishedTrial) -> None:
        """Called when a trial of the search has its result.

        Args:
          trial: Number, scaling stage, hyperparameters and score of the trial.
        """

    def on_epoch_end(self, member: str, row: EpochRow) -> None:
        """Called after an epoch of a member's training, when its state is saved.

        Args:
          member: Name of the member, such as "s2".
          row: `epoch`, from 1, and its results: `loss`, `accuracy`, `val_loss`, `val_accuracy`.
        """

    def on_member_end(self, member: str, metrics: Metrics) -> None:
        """Called when a member is trained.

        Args:
          member: Name of the member.
          metrics: Results of the training: `test_accuracy`, `validation_accuracy` and more.
        """

    def on_end(self) -> None:
        """Called at the end of `search_family`, when the family is complete."""
