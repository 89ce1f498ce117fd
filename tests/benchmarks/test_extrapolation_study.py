"""The networks that the study of extrapolation compares."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scalenet_tf import files
from scalenet_tf.config import DataConfig
from scalenet_tf.cost import cost
from scalenet_tf.presets import load_space
from scalenet_tf.scaling import scale
from scalenet_tf.space import BaseArchitecture, Scaling

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from extrapolated.results import markdown
from extrapolated.study import Study
from extrapolated.ways import networks


@pytest.fixture(scope="module")
def study() -> Study:
    ops = [["k3e4s", "k5e4s"], ["k5e4s", "k5e4s", "k3e4s"], ["k3e4s", "k3e4s", "k5e4s"]]
    base = BaseArchitecture.model_validate({"stages": ops})
    scalings = [(1, 1, 16), (1.2, 1.1, 20), (1.4, 1.3, 22), (1.6, 1.5, 26)]
    return Study(
        space=load_space("small").for_data(1, 10),
        base=base,
        scalings=tuple(Scaling.of(*scaling) for scaling in scalings),
        data=DataConfig(),
        tolerance=0.1,
        seeds=2,
    )


def test_every_way_answers_at_the_same_multiply_adds(study: Study) -> None:
    own = cost(scale(study.space, study.base, study.scalings[0])).macs
    found = list(networks(study))
    by_stage = {stage: [way for s, way, _ in found if s == stage] for stage in ("s3", "s4", "s5")}
    ways = ["compound", "separate", "last", "efficientnet", *(f"random{n}" for n in range(5))]
    assert by_stage == {"s3": ["searched", *ways], "s4": ways, "s5": ways}
    for stage, way, subnet in found:
        if way != "searched":
            assert cost(subnet).macs == pytest.approx(own * 2 ** int(stage[1:]), rel=study.tolerance), way
    assert list(networks(study)) == found


def test_the_table_is_of_what_is_there(study: Study, tmp_path: Path) -> None:
    for number, (stage, _, subnet) in enumerate(networks(study)):
        if stage == "s3":
            files.write_json(tmp_path / "items" / f"{subnet.key}-0.json", {"accuracy": 0.8 + number / 1000})
    lines = markdown(study, tmp_path).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| s3"] * 6
    assert any("| s3 | searched | 1 |" in line and "80.00 %" in line for line in lines)
