"""Settles the family from what the search found."""

from __future__ import annotations

from pathlib import Path

from components.common.artifact import Made, as_input, produce, read_artifact
from components.common.lineage import Lineage
from components.common.outcome import Outcome
from components.common.runs import config_after, decided_by, open_run, run_parts, upstream_parts
from components.joint_search.executor import TYPE as RESULT
from scalenet_tf import steps
from scalenet_tf.config import RunConfig
from scalenet_tf.utils import files

TYPE = "Family"


def extrapolate(*, result: str, family: str, config: str = "") -> Outcome:
    """Writes family.json; see the component.

    Raises:
      ScaleNetError: where the growth that was found cannot be continued.
    """
    given = read_artifact("result", result, [RESULT])
    asked = config_after(config, result)
    lineage = Lineage(
        "scaling_extrapolator", {"result": as_input(result, given)}, decided_by(asked), given["data_digest"]
    )
    metadata = produce(family, TYPE, lineage, lambda folder: _settle(folder, asked, result))
    members = files.read_json(Path(family) / "family.json")["members"]
    return Outcome(metadata, stages=tuple(member["stage"] for member in members))


def _settle(folder: Path, config: RunConfig, result: str) -> Made:
    # Its images are not opened: the source is only named.
    run = open_run(folder, config, result, upstream_parts(result, "search"))
    steps.scale(run)
    stages = steps.family_stages(run)
    return Made(run_parts(run, "family.json"), {"stages": stages})
