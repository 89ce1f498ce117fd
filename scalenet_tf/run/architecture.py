"""members/sN/architecture.json: what a member is, written before its training."""

from __future__ import annotations

from typing import ClassVar

from scalenet_tf.config import Recipe
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.family import Member, Origin
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Provenance
from scalenet_tf.space import Scaling, Subnet
from scalenet_tf.utils.value import SparseValue
from scalenet_tf.utils.value_file import FileValue, read_value


class Architecture(SparseValue, FileValue):
    """A member's network, its labels, and the recipe of its training.

    Attributes:
      name, stage, origin, scaling, subnet, num_blocks, macs, parameters: As of `Member`.
      resolution: Side of the network's images in pixels.
      channels: Channels of the images.
      classes: Number of classes.
      labels: Name of each class.
      recipe: Recipe of the training; None in runs of earlier versions.
      provenance: What decides the training.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"recipe"})

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
    labels: tuple[str, ...]
    recipe: Recipe | None = None
    provenance: Provenance

    @classmethod
    def of(cls, member: Member, info: DataInfo, recipe: Recipe, provenance: Provenance) -> Architecture:
        """Describes a member that is to be trained on a data set."""
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
            provenance=provenance,
        )


def read_architecture(run: RunFolder, stage: int) -> Architecture:
    """Reads a member's architecture.json.

    Raises:
      ScaleNetError: if the file is not there or damaged.
    """
    files = run.member_files(stage)
    advice = (
        f"Put it back, or move {str(files.folder)!r} away and train the member again with: "
        f"{run.command('retrain', stage)}"
    )
    return read_value(files.architecture, Architecture, advice)
