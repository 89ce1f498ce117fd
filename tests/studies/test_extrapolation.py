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
from scalenet_tf.run import Run
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.sampling.feasible import draw_feasible_bases
from scalenet_tf.space import BaseArchitecture, Scaling
from scalenet_tf.space.scaling import scale
from studies.common.items import FolderItems, PackedItems
from studies.extrapolation.networks import network_item, networks
from studies.extrapolation.report import markdown
from studies.extrapolation.searched import of_families, of_run
from studies.extrapolation.study import KIND, Study
from studies.families.study import KIND as FAMILIES
from studies.families.study import Study as FamiliesStudy

ROOT = Path(__file__).resolve().parents[2]


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


def test_the_table_covers_the_items_that_are_finished(study: Study) -> None:
    trained = {
        network_item(subnet.key, 0): {"accuracy": 0.8 + number / 1000}
        for number, (stage, _, subnet) in enumerate(networks(study))
        if stage == "s3"
    }
    lines = markdown([(study, PackedItems(trained))]).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| s3"] * 6
    assert any("| s3 | searched | 1, 1 |" in line and "80.00 %" in line for line in lines)


def test_families_are_compared_each_with_its_own_random_scalings(study: Study) -> None:
    searched = scale(study.space, study.base, study.scalings[3]).key
    families = []
    for gain, rest in ((0.01, 0.7), (0.03, 0.8)):
        trained = {
            network_item(subnet.key, seed): {
                "accuracy": rest + (gain if subnet.key == searched else 0) + seed / 100
            }
            for _, _, subnet in networks(study)
            for seed in range(2)
        }
        families.append((study, PackedItems(trained)))
    lines = markdown(families).splitlines()
    (row,) = [line for line in lines if "| s3 | searched |" in line]
    assert row.startswith("| s3 | searched | 2, 2 |") and row.endswith("| 77.50 % | +2.00 | +1.00, +3.00 |")


def test_a_run_whose_search_is_finished_is_taken(searched_run: Run) -> None:
    result = read_search_result(searched_run)
    assert result is not None
    found = of_run(searched_run.path)
    assert (found["space"], found["base"]) == (searched_run.space(), result.base)
    assert found["scalings"] == [one.scaling for one in result.scalings]
    searched_run.search_result_file.unlink()
    with pytest.raises(ScaleNetError, match="must be a run whose search is finished"):
        of_run(searched_run.path)


@pytest.mark.parametrize("seed", range(3))
def test_the_data_starts_from_the_searches_of_the_study_of_families(seed: int) -> None:
    study, _ = KIND.open(ROOT / f"studies/extrapolation/data/seed{seed}.jsonl")
    narrow = ROOT / "studies/families/data/narrow.jsonl"
    found = of_families(narrow, f"joint_b8_lr0.6_t0.8_seed{seed}", None)
    assert Study.model_validate({**found, "random": 4, "seeds": 1, "images": 24_000}) == study


def test_a_search_of_the_study_of_families_is_taken_from_its_folder_or_file(tmp_path: Path) -> None:
    families = FamiliesStudy.of_size("wide", DataConfig(source="tfds:fashion_mnist"))
    base = decode(families.space, draw_feasible_bases(families.space, np.random.default_rng(0), 1))[0]
    scalings = [menu.scalings()[0] for menu in families.space.menus]
    members = [
        {"base": base.model_dump(mode="json"), "scaling": one.model_dump(mode="json")} for one in scalings
    ]
    folder, file = tmp_path / "work", tmp_path / "packed.jsonl"
    items: FolderItems = FAMILIES.begin(folder, families)
    items.write("searches/joint_b8", {"members": members})
    items.write("searches/s0_b8", {"members": members[:1]})
    FAMILIES.pack(folder, file)
    for path in (folder, file):
        found = Study.model_validate(of_families(path, "joint_b8", "/data"))
        assert (found.base, found.scalings) == (base, tuple(scalings))
        assert found.data.data_dir == "/data" and found.data.train_images == 20_000
        with pytest.raises(ScaleNetError, match=r"`--search` .* one of: joint_b8. Received: 's0_b8'"):
            of_families(path, "s0_b8", None)
