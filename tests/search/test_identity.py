"""Projects that earlier versions began go on: what they hold is written out here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.search.identity import check_identity, difference, identify
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.space import BaseArchitecture, Scaling, Subnet
from scalenet_tf.space.criteria import Criteria
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import write_value
from tests.helpers.tiny_search import SPACE, SUPERNET, new_run, search

CONFIG = SearchConfig(rounds=3, start_bases=2, population=6, generations=3)
START = WarmStart(
    bases=(BaseArchitecture.model_validate({"stages": [["k3e3"], ["k3e3", "k5e3"]]}),),
    scalings=(Scaling.of(1, 1, 32), Scaling.of("1.34", "1.2", 36)),
)


def few_blocks(subnet: Subnet, scaling_stage: int) -> bool:
    return subnet.num_blocks <= 6


def accuracy(subnet: Subnet, value: float) -> float:
    return value


PROBLEM = SearchProblem(SPACE, CONFIG, 0)
WRITTEN = {"seed": 0, "space": "3c368a77d0656373", "config": "280cb5bd68cd136d", "supernet": SUPERNET}


def test_the_files_of_a_search_are_those_of_version_0_1_0(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", config=CONFIG)
    search(run)
    assert (run.search / "oracle.json").read_text() == json.dumps({"schema": 1, **WRITTEN}, indent=2) + "\n"
    journal = hashlib.sha256((run.search / "trials.jsonl").read_bytes()).hexdigest()
    assert journal == "0b94fc53330379cb0e69d02f7f73507d9c0852b662e1422f7d93b6c28a49425c"


def test_the_parts_that_not_every_search_has_are_written_as_ever() -> None:
    criteria = Criteria((few_blocks,), accuracy)
    names = [f"{__name__}.few_blocks", f"{__name__}.accuracy"]
    problem = SearchProblem(SPACE, CONFIG, 0, criteria, START)
    expected = {**WRITTEN, "demands": names, "start": START.digest}
    assert list(identify(problem, SUPERNET).model_dump(mode="json").items()) == list(expected.items())
    other = CONFIG.model_copy(update={"halving": 0.5, "stage_weights": (1.0, 2.0)})
    assert identify(SearchProblem(SPACE, other, 3)).config == "63f4c76c47d1a434"


def test_rounds_and_the_path_of_a_start_do_not_matter() -> None:
    longer = CONFIG.model_copy(update={"rounds": 9, "warm_start": "runs/first"})
    assert identify(SearchProblem(SPACE, longer, 0)) == identify(PROBLEM)


@pytest.mark.parametrize(
    ("problem", "named"),
    [
        (SearchProblem(SPACE.for_data(3, 10), CONFIG, 0), "space"),
        (SearchProblem(SPACE, SearchConfig(), 0), "configuration"),
        (SearchProblem(SPACE, CONFIG, 1), "seed"),
        (SearchProblem(SPACE, CONFIG, 0, Criteria((few_blocks,))), "set of constraints and objective"),
        (SearchProblem(SPACE, CONFIG, 0, start=START), "warm start"),
    ],
)
def test_the_part_that_differs_is_named(problem: SearchProblem, named: str, tmp_path: Path) -> None:
    different = difference(identify(PROBLEM), identify(problem))
    assert different is not None and different[0] == named
    file = write_value(tmp_path / "oracle.json", identify(PROBLEM))
    check_identity(file, identify(PROBLEM))
    with pytest.raises(ScaleNetError, match=f"belongs to another {named}: it was started with"):
        check_identity(file, identify(problem))


def test_a_run_whose_configuration_has_the_old_name_of_halving_goes_on(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", config=CONFIG)
    result = files.read_json(search(run))
    (run.search / "result.json").unlink()
    config = run.path / "config.yaml"
    config.write_text(config.read_text().replace("halving:", "race:"))
    again = Run.open(run.path)
    assert again == run
    assert {**files.read_json(search(again)), "environment": 0} == {**result, "environment": 0}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"schema": 1, **WRITTEN, "seed": "none"})])
def test_a_damaged_identity_is_named(tmp_path: Path, text: str) -> None:
    file = files.write_text(tmp_path / "search" / "oracle.json", text)
    with pytest.raises(ScaleNetError, match=r"search/oracle.json' is damaged.*search' away and search again"):
        check_identity(file, identify(PROBLEM, SUPERNET))
