"""family.json: the members of a family, searched and extrapolated."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from scalenet_tf.errors import InvalidInputError, NotReadyError
from scalenet_tf.run.given_folder import given_folder
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Environment, Provenance
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.value_file import FileValue, read_if_there

Origin = Literal["search", "extrapolated", "transferred"]


def name_of_stage(stage: int) -> str:
    """Returns the name of the member of a scaling stage, such as "s2"."""
    return f"s{stage}"


class Member(Value):
    """One member of a family.

    Attributes:
      name: Name of the member: "s0", "s1", …
      stage: Scaling stage, from 0.
      scaling: Scaling of the base.
      subnet: The network.
      num_blocks: Number of blocks.
      macs: Multiply-adds for one image.
      parameters: Number of trainable parameters.
      target_macs: Target of the budget: growth^stage times the multiply-adds of the base.
      gap: Relative distance of `macs` from `target_macs`: macs / target_macs - 1.
      origin: "search", "extrapolated", or "transferred" if the member was first trained in another run.
      search_score: Accuracy with shared weights in the search, 0 to 1; None if the search did not score it.
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
    """Growth factors from one scaling stage to the next.

    Attributes:
      depth: Factor of the number of blocks.
      width: Factor of the number of channels.
      resolution: Factor of the side in pixels.
    """

    depth: float
    width: float
    resolution: float


class Family(FileValue):
    """The family of a run.

    Attributes:
      space: Search space, with the channels and classes of the data.
      base: Base architecture.
      members: Members, S0 first; exactly one in a run made by `transfer_member`.
      rule: Growth used for extrapolation, or None if no member is extrapolated.
      provenance: Everything that determines the family.
      environment: Time and machine of the job step.

    Example:
      >>> Run.open("runs/first").family().member(0).name
      's0'
    """

    space: SearchSpace
    base: BaseArchitecture
    members: tuple[Member, ...]
    rule: FittedGrowth | None
    provenance: Provenance
    environment: Environment

    @property
    def stages(self) -> list[int]:
        """Scaling stages of the members, in ascending order."""
        return [member.stage for member in self.members]

    @property
    def transferred(self) -> bool:
        """Whether `transfer_member` made the run, which has no super-supernet and no search."""
        return all(member.origin == "transferred" for member in self.members)

    def member(self, stage: int) -> Member:
        """Returns the member of a scaling stage.

        Args:
          stage: Scaling stage, from 0.

        Raises:
          ScaleNetError: If the family has no such stage.
        """
        for member in self.members:
            if member.stage == stage:
                return member
        raise InvalidInputError(
            f"`stage` must be one of the family's scaling stages {self.stages}. Received: {stage}"
        )


def read_family(run: RunFolder | str | Path) -> Family | None:
    """Reads family.json.

    Args:
      run: The run, or its path.

    Returns:
      The family, or None if it has not been written yet.

    Raises:
      ScaleNetError: If there is no run at the path, or the file is damaged.
    """
    run = given_folder(run)
    advice = (
        f"Put it back, or remove it and write it again with: {run.command('scale')} (in a "
        "transferred run: repeat scalenet transfer)"
    )
    return read_if_there(run.family_file, Family, advice)


def check_not_transferred(run: RunFolder) -> None:
    """Checks that a run may have a super-supernet, before the steps that make and use one.

    Raises:
      ScaleNetError: If it holds a transferred member.
    """
    family = read_family(run)
    if family is not None and family.transferred:
        raise InvalidInputError(
            f"{str(run.path)!r} holds a member of another run, transferred to new images: it has no "
            f"super-supernet to train or to search. Do what is left of it with: {run.command('run')}"
        )


def require_family(run: RunFolder) -> Family:
    """Reads family.json, which must exist.

    Args:
      run: The run.

    Raises:
      ScaleNetError: If the family has not been written yet, or the file is damaged.
    """
    family = read_family(run)
    if family is None:
        raise NotReadyError(
            f"the run {str(run.path)!r} has no family.json yet. Write it with: {run.command('scale')}"
        )
    return family


def read_member(run: RunFolder, stage: int) -> Member:
    """Reads the member of a scaling stage from family.json.

    Args:
      run: The run.
      stage: Scaling stage of the member, from 0.

    Raises:
      ScaleNetError: If the family has not been written yet, or has no such stage.
    """
    return require_family(run).member(stage)
