"""The networks that the study of extrapolation compares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.config import DataConfig
from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling.feasible import draw_feasible_bases
from scalenet_tf.space import BaseArchitecture, Scaling
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from studies.extrapolation.results import markdown
from studies.extrapolation.searched import of_story
from studies.extrapolation.study import Study
from studies.extrapolation.ways import networks
from studies.families.study import Study as Story


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
    lines = markdown([(study, tmp_path)]).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| s3"] * 6
    assert any("| s3 | searched | 1, 1 |" in line and "80.00 %" in line for line in lines)


def test_families_are_compared_each_with_its_own_random_scalings(study: Study, tmp_path: Path) -> None:
    searched = scale(study.space, study.base, study.scalings[3]).key
    for family, (gain, rest) in {"one": (0.01, 0.7), "two": (0.03, 0.8)}.items():
        for _, _, subnet in networks(study):
            better = gain if subnet.key == searched else 0
            for seed in range(2):
                accuracy = rest + better + seed / 100
                files.write_json(
                    tmp_path / family / "items" / f"{subnet.key}-{seed}.json", {"accuracy": accuracy}
                )
    lines = markdown([(study, tmp_path / "one"), (study, tmp_path / "two")]).splitlines()
    (row,) = [line for line in lines if "| s3 | searched |" in line]
    assert row.startswith("| s3 | searched | 2, 2 |") and row.endswith("| 77.50 % | +2.00 | +1.00, +3.00 |")


def test_a_search_of_the_whole_story_is_taken(tmp_path: Path) -> None:
    story = Story.of_size("narrow", DataConfig(source="tfds:fashion_mnist"))
    base = decode(story.space, draw_feasible_bases(story.space, np.random.default_rng(0), 1))[0]
    scalings = [menu.scalings()[0] for menu in story.space.menus]
    members = [
        {"base": base.model_dump(mode="json"), "scaling": one.model_dump(mode="json")} for one in scalings
    ]
    files.write_json(tmp_path / "study.json", story.model_dump(mode="json"))
    files.write_json(tmp_path / "searches" / "joint_b8.json", {"members": members})
    found = Study.model_validate(of_story(tmp_path / "searches" / "joint_b8.json", "/data"))
    assert (found.base, found.scalings) == (base, tuple(scalings))
    assert found.data.data_dir == "/data" and found.data.train_images == 20_000
    with pytest.raises(ScaleNetError, match=r"`--story` must be .* Received: .*s0_b8.json"):
        of_story(tmp_path / "searches" / "s0_b8.json", None)
