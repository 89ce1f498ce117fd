"""What family.json says of one member."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.space import Scaling, Subnet
from scalenet_tf.utils.value import Value


class Member(Value):
    """One member of the family; the table's other columns stay in family.json."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    stage: int
    origin: Literal["search", "extrapolated", "transferred"]
    scaling: Scaling
    subnet: Subnet
    num_blocks: int
    macs: int
    parameters: int


def read_member(run: Run, stage: int) -> Member:
    """Reads the member of a scaling stage from family.json.

    Raises:
      ScaleNetError: where there is no family yet, or no such stage in it.
    """
    members: list[dict[str, Any]] = run.family()["members"]
    for member in members:
        if member["stage"] == stage:
            return Member.model_validate(member)
    raise ScaleNetError(
        f"`stage` must be one of the family's: {[member['stage'] for member in members]}. Received: {stage}"
    )
