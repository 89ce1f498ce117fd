"""Determines the family from the result of the search."""

from __future__ import annotations

from pathlib import Path

from components.common.artifact import Made, as_input, produce, read_artifact
from components.common.artifact_types import FAMILY, RESULT
from components.common.lineage import Lineage
from components.common.outcome import Outcome
from components.common.runs import PUT_BACK, config_after, decided_by, open_run, run_parts, upstream_parts
from scalenet_tf import steps
from scalenet_tf.config import RunConfig
from scalenet_tf.run.family import Family
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.value_file import read_value


def extrapolate(*, result: str, family: str, config: str = "") -> Outcome:
    """Writes family.json; see the component.

    Raises:
      ScaleNetError: If the growth that was found cannot be continued.
    """
    given = read_artifact("result", result, [RESULT])
    settings = config_after(config, result)
    lineage = Lineage(
        "scaling_extrapolator",
        {"result": as_input(result, given)},
        decided_by(settings),
        given["data_digest"],
    )
    metadata = produce(family, FAMILY, lineage, lambda folder: _settle(folder, settings, result))
    found = read_value(RunFolder(Path(family)).family_file, Family, PUT_BACK)
    return Outcome(metadata, stages=tuple(found.stages))


def _settle(folder: Path, config: RunConfig, result: str) -> Made:
    # The images are not opened, so any folder may stand for the examples.
    run = open_run(folder, config, result, upstream_parts(result, "search"))
    steps.scale(run)
    stages = steps.family_stages(run)
    return Made(run_parts(run, run.family_file), {"stages": stages})
