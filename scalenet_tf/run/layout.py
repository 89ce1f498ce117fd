"""Where the files of a run and of its members lie; the only place where their names are spelled."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

# Names that every artifact of a pipeline shares with a run.
CONFIG, SPACE, DATA, FAMILY = "config.yaml", "space.json", "data.json", "family.json"
WARM_START = "warm_start.json"
# The search's own files, in its folder: Keras Tuner's oracle is given that folder alone.
SEARCH_IDENTITY, TRIALS = "oracle.json", "trials.jsonl"
TRAINING_LOG = "log.jsonl"
EVALUATION = "evaluation.json"
_METRICS, _SECONDS = "metrics.json", "seconds.json"


@dataclass(frozen=True)
class CompressedFiles:
    """Files of one compressed member.

    Attributes:
      folder: members/sN/compressed/METHOD.
    """

    folder: Path

    @property
    def model(self) -> Path:
        """The LiteRT file."""
        return self.folder / "model.tflite"

    @property
    def metrics(self) -> Path:
        """Options and figures, written last."""
        return self.folder / _METRICS


@dataclass(frozen=True)
class MemberFiles:
    """Files of one member.

    Attributes:
      folder: members/sN.
    """

    folder: Path

    @property
    def architecture(self) -> Path:
        """The network, the labels and the recipe, written before the first epoch."""
        return self.folder / "architecture.json"

    @property
    def initial_weights(self) -> Path:
        """Weights that the training of a transferred member starts from."""
        return self.folder / "initial.npz"

    @property
    def state(self) -> Path:
        """Weights, optimizer and progress of an unfinished training."""
        return self.folder / "state.npz"

    @property
    def history(self) -> Path:
        """A row of results for each epoch."""
        return self.folder / "history.jsonl"

    @property
    def weights(self) -> Path:
        """Weights of the trained network."""
        return self.folder / "weights.npz"

    @property
    def metrics(self) -> Path:
        """Results of the training and of its exports; a member is trained once it is there."""
        return self.folder / _METRICS

    @property
    def card(self) -> Path:
        """The model card."""
        return self.folder / "model_card.md"

    @property
    def evaluation(self) -> Path:
        """The verdict of a pipeline's Evaluator."""
        return self.folder / EVALUATION

    @property
    def saved_model(self) -> Path:
        """Folder of the SavedModel."""
        return self.export("saved_model")

    def export(self, format: str) -> Path:
        """Folder of the export in a format, there once it is whole."""
        return self.folder / format / "1"

    @property
    def compressions(self) -> Path:
        """Folder with a folder for each method of compression."""
        return self.folder / "compressed"

    def compressed(self, method: str) -> CompressedFiles:
        """Files of the member compressed by a method."""
        return CompressedFiles(self.compressions / method)


@dataclass(frozen=True)
class RunFolder:
    """Where the files of a run lie; the artifacts of a pipeline are laid out alike.

    Attributes:
      path: The directory.

    Example:
      >>> RunFolder(Path("runs/first")).member_files(0).weights
    """

    path: Path

    @property
    def config_file(self) -> Path:
        """The configuration, with absolute paths."""
        return self.path / CONFIG

    @property
    def space_file(self) -> Path:
        """The space as it was when the run began."""
        return self.path / SPACE

    @property
    def warm_start_file(self) -> Path:
        """The bases that the search begins with, where it does not begin at random."""
        return self.path / WARM_START

    @property
    def data_file(self) -> Path:
        """Facts of the data, as they were when first read."""
        return self.path / DATA

    @property
    def supernet(self) -> Path:
        """Folder of the super-supernet's checkpoints and log."""
        return self.path / "supernet"

    @property
    def supernet_done_file(self) -> Path:
        """Result of the super-supernet's training, written at its end."""
        return self.supernet / "done.json"

    @property
    def supernet_log_file(self) -> Path:
        """A row of results for every few training steps."""
        return self.supernet / TRAINING_LOG

    @property
    def supernet_seconds_file(self) -> Path:
        """Wall seconds that the training has taken in all its processes."""
        return self.supernet / _SECONDS

    @property
    def search(self) -> Path:
        """Folder of Keras Tuner's project and of the search's result."""
        return self.path / "search"

    @property
    def search_result_file(self) -> Path:
        """Result of the search, written at its end."""
        return self.search / "result.json"

    @property
    def trials_file(self) -> Path:
        """The search's journal, two rows a trial."""
        return self.search / TRIALS

    @property
    def search_identity_file(self) -> Path:
        """What the search belongs to."""
        return self.search / SEARCH_IDENTITY

    @property
    def search_seconds_file(self) -> Path:
        """Wall seconds that the search has taken in all its processes."""
        return self.search / _SECONDS

    @property
    def family_file(self) -> Path:
        """The family's architectures: base, scalings, subnets, costs."""
        return self.path / FAMILY

    @property
    def latency_file(self) -> Path:
        """The latency table that was measured for this run, where one was."""
        return self.path / "latency.json"

    @property
    def profile_file(self) -> Path:
        """Latency, size and memory of the exported members on a device."""
        return self.path / "profile.json"

    @property
    def report_file(self) -> Path:
        """The report."""
        return self.path / "report.html"

    @property
    def members(self) -> Path:
        """Folder of the members' folders."""
        return self.path / "members"

    def member(self, stage: int) -> Path:
        """Folder of the member of one scaling stage."""
        return self.members / f"s{stage}"

    def member_files(self, stage: int) -> MemberFiles:
        """Files of the member of one scaling stage."""
        return MemberFiles(self.member(stage))

    def command(self, step: str, *stages: int) -> str:
        """The command, such as "train" or "profile members", on this run, as it is typed into a shell."""
        options = [word for stage in stages for word in ("--stage", str(stage))]
        return shlex.join(["scalenet", *step.split(), "--run", str(self.path), *options])
