"""family.json: the members of a family, from the search and beyond."""

from __future__ import annotations

from typing import Literal

from scalenet_tf.errors import InvalidInputError, NotReadyError
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Environment, Provenance
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.value_file import FileValue, read_if_there

Origin = Literal["search", "extrapolated", "transferred"]


class Member(Value):
    """One member of a family.

    Attributes:
      name: "s0", "s1", …
      stage: The scaling stage.
      scaling: How the base is scaled.
      subnet: The network.
      num_blocks: Blocks of the network.
      macs: Multiply-adds of one image.
      parameters: Trainable parameters.
      target_macs: Multiply-adds that the budget asks for: growth^stage times the base's.
      gap: Relative distance of `macs` from `target_macs`.
      origin: "search", "extrapolated" or "transferred" (trained in another run first).
      search_score: The search's score, 0 to 1; None where it did not score this member.
    """

    name: str
    stage: int
    scaling: Scaling
    subnet: Subnet
    num_blocks: int
    macs: int
    parameters: int
    target_macs: int
    gap: float
    origin: Origin
    search_score: float | None


class FittedGrowth(Value):
    """Factors of blocks, channels and pixels from a scaling stage to the next."""

    depth: float
    width: float
    resolution: float


class Family(FileValue):
    """The family of a run.

    Attributes:
      space: The searched space, with the channels and classes of the data.
      base: The base architecture.
      members: The members, S0 first; the one member of a transferred run.
      rule: The growth by which members were extrapolated; None where none was.
      provenance: What decided the family.
      environment: Times and machine.
    """

    space: SearchSpace
    base: BaseArchitecture
    members: tuple[Member, ...]
    rule: FittedGrowth | None
    provenance: Provenance
    environment: Environment

    @property
    def stages(self) -> list[int]:
        """Scaling stages of the members."""
        return [member.stage for member in self.members]

    def member(self, stage: int) -> Member:
        """Returns the member of a scaling stage.

        Raises:
          ScaleNetError: if the family has no such stage.
        """
        for member in self.members:
            if member.stage == stage:
                return member
        raise InvalidInputError(f"`stage` must be one of the family's: {self.stages}. Received: {stage}")


def read_family(run: RunFolder) -> Family | None:
    """Reads family.json; None while the family is not settled.

    Raises:
      ScaleNetError: if the file is damaged.
    """
    advice = (
        f"Put it back, or remove it and settle the family again with: {run.command('scale')} (a transferred "
        "run: repeat its scalenet transfer)"
    )
    return read_if_there(run.family_file, Family, advice)


def settled_family(run: RunFolder) -> Family:
    """Reads family.json.

    Raises:
      ScaleNetError: if the family is not settled yet, or the file is damaged.
    """
    family = read_family(run)
    if family is None:
        raise NotReadyError(
            f"the run {str(run.path)!r} has no family.json yet. Settle the family with: "
            f"{run.command('scale')}"
        )
    return family


def read_member(run: RunFolder, stage: int) -> Member:
    """Reads the member of a scaling stage from family.json.

    Raises:
      ScaleNetError: if the family is not settled yet, or has no such stage.
    """
    return settled_family(run).member(stage)
