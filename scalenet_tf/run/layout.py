"""The paths of all files in a run directory; file names are defined here and in `member_files.py`."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from scalenet_tf.run.member_files import MemberFiles

# File names that pipeline artifacts share with a run.
CONFIG, SPACE, DATA, FAMILY = "config.yaml", "space.json", "data.json", "family.json"
WARM_START, IMAGE_CHECK = "warm_start.json", "image_check.json"
# Images that Python code passed, and what is known of them.
IMAGES, IMAGES_INFO = "images", "images.json"
MLFLOW = "mlflow.json"
# The space that Python code passed, from which space.json is made.
OWN_SPACE = "own_space.json"
# Copies of the recipe files that the configuration names.
OWN_RECIPES = "own_recipes"
# Names of the callables and Keras objects that Python code passed.
GIVEN = "given.json"
# Files that may be there before a job step begins.
BEGINNING = (CONFIG, SPACE, WARM_START, DATA, IMAGE_CHECK, IMAGES, OWN_SPACE, OWN_RECIPES, GIVEN, MLFLOW)
# Files of the search, as bare names: Keras Tuner's oracle knows only its own folder.
SEARCH_IDENTITY, TRIALS, SEARCH_SECRET = "oracle.json", "trials.jsonl", "secret"
TRAINING_LOG = "log.jsonl"
# Folders inside the super-supernet's; the files in them are TensorFlow's.
BETWEEN_MILESTONES, TENSORBOARD = "between", "tensorboard"
_SECONDS = "seconds.json"


@dataclass(frozen=True)
class RunFolder:
    """The paths in a run directory. Pipeline artifacts use the same layout.

    Attributes:
      path: Path of the directory.

    Example:
      >>> RunFolder(Path("runs/first")).member_files(0).weights
    """

    path: Path

    @property
    def config_file(self) -> Path:
        """Configuration, with absolute paths."""
        return self.path / CONFIG

    @property
    def space_file(self) -> Path:
        """Search space, as it was when the run was created."""
        return self.path / SPACE

    @property
    def warm_start_file(self) -> Path:
        """Initial bases of the search, if `search.warm_start` is set."""
        return self.path / WARM_START

    @property
    def data_file(self) -> Path:
        """Facts of the data, as they were when first read."""
        return self.path / DATA

    @property
    def image_check_file(self) -> Path:
        """Images that cannot be decoded; may be removed at any time."""
        return self.path / IMAGE_CHECK

    @property
    def mlflow_file(self) -> Path:
        """MLflow run that the run is logged to, with `tracking: mlflow`."""
        return self.path / MLFLOW

    @property
    def given_file(self) -> Path:
        """Constraints, objective and own parts of the members' training that Python code passed, if any."""
        return self.path / GIVEN

    @property
    def own_recipes(self) -> Path:
        """Folder of the recipe files that the configuration names, as they were when the run was created."""
        return self.path / OWN_RECIPES

    @property
    def own_images(self) -> Path:
        """Folder of images that Python code passed, as `tfrecord:` reads it."""
        return self.path / IMAGES

    @property
    def supernet(self) -> Path:
        """Folder of the super-supernet's checkpoints and log."""
        return self.path / "supernet"

    @property
    def supernet_done_file(self) -> Path:
        """Result of the super-supernet's training, written at the end."""
        return self.supernet / "done.json"

    @property
    def supernet_log_file(self) -> Path:
        """Training log, one row every few training steps."""
        return self.supernet / TRAINING_LOG

    @property
    def supernet_seconds_file(self) -> Path:
        """Total wall-clock seconds of the training, over all restarts."""
        return self.supernet / _SECONDS

    @property
    def search(self) -> Path:
        """Folder of the search, which is also Keras Tuner's project folder."""
        return self.path / "search"

    @property
    def search_result_file(self) -> Path:
        """Result of the search, written at the end."""
        return self.search / "result.json"

    @property
    def trials_file(self) -> Path:
        """Journal of the search, two rows per trial."""
        return self.search / TRIALS

    @property
    def search_identity_file(self) -> Path:
        """Identity of the search, which a resumed search must match."""
        return self.search / SEARCH_IDENTITY

    @property
    def search_secret_file(self) -> Path:
        """Secret of a distributed search, which the chief makes and removes at the end."""
        return self.search / SEARCH_SECRET

    @property
    def search_seconds_file(self) -> Path:
        """Total wall-clock seconds of the search, over all restarts."""
        return self.search / _SECONDS

    @property
    def family_file(self) -> Path:
        """Architectures of the family: base, scalings, subnets and costs."""
        return self.path / FAMILY

    @property
    def latency_file(self) -> Path:
        """Latency table measured with `scalenet profile blocks --run`, if any."""
        return self.path / "latency.json"

    @property
    def profile_file(self) -> Path:
        """Latency, size and memory of the exported members on a device."""
        return self.path / "profile.json"

    @property
    def report_file(self) -> Path:
        """HTML report."""
        return self.path / "report.html"

    @property
    def members(self) -> Path:
        """Folder with one subfolder per member."""
        return self.path / "members"

    @property
    def member_folders(self) -> list[Path]:
        """Folders of members that are there, S0 first; a copy such as s2-old is none."""
        found = (path for path in self.members.glob("s*") if re.fullmatch("s[0-9]+", path.name))
        return sorted(found, key=lambda path: int(path.name[1:]))

    @property
    def own_parts_file(self) -> Path:
        """Loss, metrics and augmentation that came with the first member, if given.json has none."""
        return self.members / "own_parts.json"

    def member(self, stage: int) -> Path:
        """Returns the folder of the member of a scaling stage."""
        return self.members / f"s{stage}"

    def member_files(self, stage: int) -> MemberFiles:
        """Returns the files of the member of a scaling stage."""
        return MemberFiles(self.member(stage))

    def teacher_answers(self, teacher: str, key: str) -> Path:
        """Returns the file of a teacher's answers to the training images, which may be removed at any time.

        Args:
          teacher: Name of the teacher.
          key: Digest of everything that determines the answers.
        """
        return self.members / "teachers" / f"{teacher}-{key}.npy"

    def command(self, step: str, *stages: int) -> str:
        """Returns the shell command that runs a job step on this run, for error texts.

        Args:
          step: Name of the command, such as "train" or "profile members".
          *stages: Scaling stages to pass as --stage.
        """
        options = [word for stage in stages for word in ("--stage", str(stage))]
        return shlex.join(["scalenet", *step.split(), "--run", str(self.path), *options])
