"""members/sN/architecture.json: the description of a member, written before its training."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import field_validator

from scalenet_tf.config import Recipe
from scalenet_tf.config.teacher import NO_TEACHER
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.family import Member, Origin
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Provenance
from scalenet_tf.space import Scaling, Subnet
from scalenet_tf.utils.class_name import ClassNames
from scalenet_tf.utils.value import SparseValue
from scalenet_tf.utils.value_file import FileValue, read_value


class Architecture(SparseValue, FileValue):
    """The network, labels and training recipe of a member.

    Attributes:
      name, stage, origin, scaling, subnet, num_blocks, macs, parameters: See `Member`.
      resolution: Side of the network's input images in pixels.
      channels: Number of image channels.
      classes: Number of classes.
      labels: Name of each class.
      recipe: Training recipe; None in runs of earlier versions.
      teacher: Name of the network that teaches the member, such as "s4" or the name of a file; None if
        there is none.
      provenance: Everything that determines the training.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"recipe", "teacher"})

    name: str
    stage: int
    origin: Origin
    scaling: Scaling
    subnet: Subnet
    num_blocks: int
    macs: int
    parameters: int
    resolution: int
    channels: int
    classes: int
    labels: ClassNames
    recipe: Recipe | None = None
    teacher: str | None = None
    provenance: Provenance

    @field_validator("recipe", mode="before")
    @classmethod
    def _recipe_of_earlier_versions(cls, value: Any) -> Any:
        # A recipe that names no teacher is older than teachers, whatever the default is today.
        return {"teacher": NO_TEACHER, **value} if isinstance(value, dict) else value

    @classmethod
    def of(
        cls,
        member: Member,
        info: DataInfo,
        recipe: Recipe,
        provenance: Provenance,
        teacher: str | None = None,
    ) -> Architecture:
        """Creates the description of a member that will be trained.

        Args:
          member: Member of the family.
          info: Facts of the training data.
          recipe: Training recipe.
          provenance: Everything that determines the training.
          teacher: Name of the network that teaches the member, if any.
        """
        return cls(
            name=member.name,
            stage=member.stage,
            origin=member.origin,
            scaling=member.scaling,
            subnet=member.subnet,
            num_blocks=member.num_blocks,
            macs=member.macs,
            parameters=member.parameters,
            resolution=member.subnet.resolution,
            channels=info.channels,
            classes=info.classes,
            labels=info.labels,
            recipe=recipe,
            teacher=teacher,
            provenance=provenance,
        )


def read_architecture(run: RunFolder, stage: int) -> Architecture:
    """Reads a member's architecture.json.

    Args:
      run: The run.
      stage: Scaling stage of the member, from 0.

    Raises:
      ScaleNetError: If the file is missing or damaged.
    """
    files = run.member_files(stage)
    advice = (
        f"Put it back, or move {str(files.folder)!r} away and train the member again with: "
        f"{run.command('retrain', stage)}"
    )
    return read_value(files.architecture, Architecture, advice)
