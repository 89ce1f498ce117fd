"""The teacher of a member: another member, a trained member of another run, or a saved Keras model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras

from scalenet_tf.config import Recipe, Task
from scalenet_tf.config.teacher import is_path
from scalenet_tf.errors import InvalidInputError, NotReadyError
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.weights import digest_of, load_weights
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import Architecture
from scalenet_tf.run.family import Member
from scalenet_tf.run.member_files import MemberFiles
from scalenet_tf.run.metrics import read_metrics
from scalenet_tf.run.teachers import family_teachers
from scalenet_tf.utils.digest import file_digest
from scalenet_tf.utils.npz import read_npz
from scalenet_tf.utils.value_file import read_value

_GIVE = "Give another one with members.teacher, or none."


@dataclass(frozen=True)
class Teacher:
    """A network that teaches members.

    Attributes:
      name: Name of the teacher in files and messages, such as "s4" or the name of a file.
      digest: Digest of its weights: 16 hexadecimal digits.
      labels: Name of each class, None if they are not known.
      load: Loads the Keras model, from images in 0…255 to logits or probabilities [N, classes].
      task: The task that it was trained for, None if it is not known.
    """

    name: str
    digest: str
    labels: tuple[str, ...] | None
    load: Callable[[], keras.Model]
    task: Task | None = None


def teacher_of(run: Run, member: Member, recipe: Recipe) -> Teacher | None:
    """Finds the teacher of a member.

    Args:
      run: The run of the member.
      member: The member.
      recipe: Recipe of the member.

    Returns:
      The teacher; None if the recipe names none, or the member itself.

    Raises:
      ScaleNetError: If the teacher is not trained yet, or there is no such network.
    """
    if is_path(recipe.teacher):
        return teacher_at(Path(recipe.teacher))
    stage = family_teachers(run.family(), run.config.members)[member.stage]
    if stage is None:
        return None
    if read_metrics(run, stage) is None:
        raise NotReadyError(
            f"`members.teacher` is {recipe.teacher!r}, so {member.name} learns from s{stage}, which is not "
            f"trained yet. Train both with: {run.command('retrain', stage, member.stage)}"
        )
    return _trained_member(run.member(stage))


def teacher_at(path: Path) -> Teacher:
    """Opens a teacher that is given by a path.

    Args:
      path: Keras model (FILE.keras), or folder members/sN of a run.

    Raises:
      ScaleNetError: If there is neither.
    """
    if path.is_dir() and MemberFiles(path).metrics.is_file():
        return _trained_member(path)
    if path.suffix != ".keras" or not path.is_file():
        raise InvalidInputError(
            "`members.teacher` must be the path of a Keras model (FILE.keras) or of the folder members/sN of "
            f"a trained member. Received: {str(path)!r}, which is neither. {_GIVE}"
        )
    return Teacher(path.stem, file_digest(path), None, lambda: _load_keras(path))


def check_teacher_at(path: Path, channels: int, classes: int, task: Task) -> None:
    """Checks that a teacher given by a path has the task, takes the images and names the classes of members.

    Args:
      path: Keras model (FILE.keras), or folder members/sN of a run.
      channels: Channels of the images.
      classes: Number of classes.
      task: Task of the members.

    Raises:
      ScaleNetError: If it does not.
    """
    teacher = teacher_at(path)
    check_task(teacher, task)
    check_teacher_model(teacher.load(), str(path), channels, classes)


def check_task(teacher: Teacher, task: Task) -> None:
    """Checks that a teacher was trained for a task, as far as that is known.

    Raises:
      ScaleNetError: If it was trained for another one.
    """
    if teacher.task not in (None, task):
        raise InvalidInputError(
            f"`members.teacher` must have been trained for the task {task}. Received: {teacher.name!r}, "
            f"trained for {teacher.task}. {_GIVE}"
        )


def check_teacher_model(model: keras.Model, name: str, channels: int, classes: int) -> None:
    """Checks that a teacher takes the images of a data set, and answers with its classes.

    Args:
      model: Model of the teacher.
      name: Name or path of the teacher, for the error text.
      channels: Number of image channels of the data.
      classes: Number of classes of the data.

    Raises:
      ScaleNetError: If it does not.
    """
    given, answer = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    side = given[1] if isinstance(given, tuple) and len(given) == 4 else None
    if given != (None, side, side, channels) or answer != (None, classes):
        raise InvalidInputError(
            "`members.teacher` must be a network from square images [N, S, S, "
            f"{channels}] in 0 to 255 to the logits [N, {classes}] of the classes of the data. Received: "
            f"{name!r}, from {given} to {answer}. {_GIVE}"
        )


def _trained_member(folder: Path) -> Teacher:
    files = MemberFiles(folder)
    advice = f"Put it back, or train {folder.name} again."
    architecture = read_value(files.architecture, Architecture, advice)

    def load() -> keras.Model:
        model = build_model(architecture.subnet)
        load_weights(files.weights, model)
        return model

    digest = digest_of(read_npz(files.weights, advice))
    # Runs that do not state their task are older than the choice.
    task = Task(str(architecture.provenance.config.get("task", Task.single_label)))
    return Teacher(folder.name, digest, architecture.labels, load, task)


def _load_keras(path: Path) -> keras.Model:
    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:
        raise InvalidInputError(
            f"`members.teacher` must be a model that Keras can load. Received: {str(path)!r}, on which it "
            f"fails: {error}. Save it with model.save('FILE.keras'), without layers of your own."
        ) from error
