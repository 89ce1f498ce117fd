"""A user's own constraints and objective, from the chain to result.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.step import run_search
from scalenet_tf.space import BaseArchitecture, Scaling, Subnet
from scalenet_tf.space.criteria import Criteria
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from tests.helpers.tiny_search import CONFIG, IMAGES, SPACE, SUPERNET, new_run, score


def few_blocks(subnet: Subnet, stage: int) -> bool:
    return subnet.num_blocks <= 6 + 3 * stage


def cheap(subnet: Subnet, accuracy: float) -> float:
    """Turns the search round: fewer parameters are better, and accuracy hardly counts."""
    return accuracy * 1e-9 - cost(subnet).parameters


def searched(criteria: Criteria, seed: int = 0) -> Mcea:
    search = Mcea(SearchProblem(SPACE, CONFIG, seed, criteria))
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        search.tell(evaluation.number, score(evaluation.subnet))
    return search


def search_in(run: Run, criteria: Criteria) -> dict[str, Any]:
    digests = {"supernet": SUPERNET, "data": "digest"}
    path = run_search(
        run, SPACE, score, images_per_trial=IMAGES, digests=digests, progress=False, criteria=criteria
    )
    found = files.read_json(path)
    return {key: found[key] for key in ("base", "scalings", "archive", "trajectory", "cost")}


def test_what_a_constraint_forbids_is_never_scored() -> None:
    search, asked = Mcea(SearchProblem(SPACE, CONFIG, 0, Criteria((few_blocks,)))), []
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        asked.append(evaluation)
        search.tell(evaluation.number, score(evaluation.subnet))
    assert all(few_blocks(e.subnet, e.scaling_stage) for e in asked)
    assert {e.scaling_stage for e in asked} == {0, 1}
    assert any(
        not few_blocks(e.evaluation.subnet, e.evaluation.scaling_stage) for e in searched(Criteria()).archive
    )


def test_an_objective_ranks_and_accuracies_stay_what_they_are() -> None:
    search, plain = searched(Criteria(objective=cheap)), searched(Criteria())
    assert search.best is not None and plain.best is not None
    subnets = [scale(SPACE, search.best.base, scaling) for scaling in search.best.scalings]
    assert search.best.scores == tuple(score(subnet) for subnet in subnets)
    values = [cheap(subnet, score(subnet)) for subnet in subnets]
    assert search.best.fitness == pytest.approx(sum(values) / len(values))
    assert all(entry.score == score(entry.evaluation.subnet) for entry in search.archive)

    def parameters(found: Mcea) -> int:
        assert found.best is not None
        return cost(scale(SPACE, found.best.base, found.best.scalings[1])).parameters

    assert parameters(search) < parameters(plain)


def test_no_criteria_change_nothing() -> None:
    def same(subnet: Subnet, accuracy: float) -> float:
        return accuracy

    def anything(subnet: Subnet, stage: int) -> bool:
        return True

    assert searched(Criteria()).trajectory == searched(Criteria(objective=same)).trajectory
    # More draws a batch, so another initial population; the distribution is the same.
    assert searched(Criteria((anything,))).finished


def test_a_state_belongs_to_its_criteria() -> None:
    criteria = Criteria((few_blocks,), cheap)
    whole = searched(criteria)
    again = Mcea.from_json(SearchProblem(SPACE, CONFIG, 0, criteria), whole.to_json())
    assert again.finished and again.trajectory == whole.trajectory
    with pytest.raises(ScaleNetError, match="same set of constraints and objective"):
        Mcea.from_json(SearchProblem(SPACE, CONFIG, 0), whole.to_json())


def test_a_search_resumes_with_the_same_criteria_only(tmp_path: Path) -> None:
    criteria = Criteria((few_blocks,), cheap)
    run = new_run(tmp_path / "run")
    result = search_in(run, criteria)
    base = BaseArchitecture.model_validate(result["base"])
    for stage, entry in enumerate(result["scalings"]):
        subnet = scale(SPACE, base, Scaling.model_validate(entry["scaling"]))
        assert entry["score"] == score(subnet) and few_blocks(subnet, stage)
    (run.search / "result.json").unlink()
    assert search_in(run, criteria) == result
    (run.search / "result.json").unlink()
    for others in (Criteria(), Criteria((few_blocks,)), Criteria(objective=cheap)):
        with pytest.raises(
            ScaleNetError, match=r"belongs to another set of constraints and objective.*few_blocks.*cheap"
        ):
            search_in(run, others)


def test_a_search_without_criteria_is_written_as_ever(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run")
    search_in(run, Criteria())
    assert set(files.read_json(run.search / "oracle.json")) == {
        "schema",
        "seed",
        "space",
        "config",
        "supernet",
    }
    (run.search / "result.json").unlink()
    with pytest.raises(ScaleNetError, match=r"started with None. Received: \['.*few_blocks'\]"):
        search_in(run, Criteria((few_blocks,)))


def test_a_constraint_that_raises_is_named(tmp_path: Path) -> None:
    def forgetful(subnet: Subnet, stage: int) -> bool:
        return {0: True}[stage]

    with pytest.raises(
        ScaleNetError, match=r"`constraints\[0\]` .*forgetful failed in stage 1: KeyError: 1\. Fix it, then"
    ):
        search_in(new_run(tmp_path / "run"), Criteria((forgetful,)))


def test_an_objective_that_raises_ends_the_search_and_can_be_mended(tmp_path: Path) -> None:
    mended = False

    def inverse(subnet: Subnet, accuracy: float) -> float:
        return accuracy if mended else 1 / (accuracy - accuracy)

    run = new_run(tmp_path / "run")
    for _ in range(2):
        with pytest.raises(
            ScaleNetError, match=r"`objective` .*inverse failed for accuracy 0\.\d+: ZeroDivisionError: .*Fix"
        ):
            search_in(run, Criteria(objective=inverse))
    mended = True
    assert search_in(run, Criteria(objective=inverse))["cost"]["trials"] > 50


@pytest.mark.parametrize("nonsense", [None, 1, "yes"])
def test_a_constraint_that_says_nonsense_is_refused(tmp_path: Path, nonsense: Any) -> None:
    def muddled(subnet: Subnet, stage: int) -> Any:
        return nonsense

    with pytest.raises(
        ScaleNetError,
        match=rf"`constraints\[0\]` tests.space.test_criteria.*muddled must return True or.*: {nonsense!r}",
    ):
        search_in(new_run(tmp_path / "run"), Criteria((muddled,)))


@pytest.mark.parametrize("nonsense", [None, float("nan"), "0.5", float("inf")])
def test_an_objective_that_gives_no_number_is_refused(tmp_path: Path, nonsense: Any) -> None:
    def muddled(subnet: Subnet, accuracy: float) -> Any:
        return nonsense

    with pytest.raises(
        ScaleNetError,
        match=rf"`objective` tests.space.test_criteria.*muddled must return a finite.*: {nonsense!r}, for",
    ):
        search_in(new_run(tmp_path / "run"), Criteria(objective=muddled))
