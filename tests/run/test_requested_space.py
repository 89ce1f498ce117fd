from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.config import LadderConfig, RunConfig, ScaleConfig, load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.extrapolation.step import family_members
from scalenet_tf.presets import SPACE_NAMES, load_space
from scalenet_tf.run import Run
from scalenet_tf.run.requested_space import requested_space, with_ladder
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.result import describe
from scalenet_tf.space.budget import Range
from tests.helpers.made_up import made_up_accuracy


@pytest.mark.parametrize("name", SPACE_NAMES)
def test_no_ladder_leaves_the_space_as_it_is(name: str) -> None:
    assert requested_space(RunConfig(space=name)) == load_space(name)


def test_a_ladder_stands_in_place_of_what_the_space_says(tmp_path: Path) -> None:
    given = ["stages=3", "growth=1.5", "macs=300000", "ranges=[{quantity: peak_memory, most: 60000}]"]
    config = load_config("quickstart", [f"ladder.{text}" for text in given])
    small, space = load_space("small"), requested_space(config)
    assert space.menus == small.menus[:3] and space.stages == small.stages
    assert (space.budget.growth, space.budget.macs) == (1.5, 300_000)
    assert space.budget.ranges == (Range(quantity="peak_memory", most=60_000),)
    assert space.budget.base_tolerance == small.budget.base_tolerance
    run = Run.open_or_create(tmp_path, config)
    assert run.space() == space
    assert Run.open_or_create(tmp_path, load_config(str(tmp_path / "config.yaml"))) == run
    run.supernet.mkdir()
    keys = "ladder.growth, ladder.macs, ladder.ranges, ladder.stages, space"
    with pytest.raises(ScaleNetError, match=rf"another configuration \(it differs in: {keys}\)"):
        Run.open_or_create(tmp_path, load_config("quickstart"))


def test_a_growth_and_weights_of_ones_own_reach_from_the_budgets_to_the_family() -> None:
    weights = "search.stage_weights=[0, 1, 2]"
    config = load_config("smoke", ["ladder.stages=3", "ladder.growth=1.5", weights, "search.rounds=1"])
    space, stages = requested_space(config), set()
    search = Mcea(SearchProblem(space, config.search, seed=0))
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        stages.add(evaluation.scaling_stage)
        search.tell(evaluation.number, made_up_accuracy(evaluation.subnet))
    assert stages == {1, 2}  # S0 has no weight: it is not scored
    found = describe(space, search, 1, [])
    scalings, scores = zip(*((entry.scaling, entry.score) for entry in found.scalings), strict=True)
    assert scores[0] is None
    members, _ = family_members(space, found.base, scalings, scores, ScaleConfig())
    own, *others = [member.macs for member in members]
    assert [macs / own for macs in others] == pytest.approx([1.5, 1.5**2, 1.5**3], rel=0.051)
    assert [member.target_macs for member in members] == [round(own * 1.5**stage) for stage in range(4)]


def test_a_ladder_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ScaleNetError, match=r"`ladder.stages` must be at most the 4 .*'small'.*Received: 5"):
        requested_space(load_config("quickstart", ["ladder.stages=5"]))
    bound = "ladder.ranges=[{quantity: macs, stage: 2, most: 60000}]"
    with pytest.raises(
        ScaleNetError, match=r"`ladder` does not fit space 'small': .*ranges\[0\].stage` must"
    ):
        requested_space(load_config("quickstart", ["ladder.stages=2", bound]))
    small = load_space("small")
    ranges = (Range(quantity="parameters", stage=2, most=90_000),)
    space = small.model_copy(update={"budget": small.budget.model_copy(update={"ranges": ranges})})
    with pytest.raises(ScaleNetError, match=r"`ladder.stages` 1 leaves out S2, .*as `ladder.ranges`"):
        with_ladder(space, LadderConfig(stages=1))
    assert with_ladder(space, LadderConfig(stages=1, ranges=())).budget.ranges == ()
    with pytest.raises(ScaleNetError, match=r"`ladder.growth`: .*greater than 1.*Received: 1"):
        load_config("quickstart", ["ladder.growth=1"])


@pytest.mark.parametrize(("stages", "growth"), [(2, 1.05), (3, 1.08), (3, 1.1)])
def test_stages_that_need_not_grow_begin_no_run(stages: int, growth: float, tmp_path: Path) -> None:
    config = load_config("quickstart", [f"ladder.stages={stages}", f"ladder.growth={growth}"])
    with pytest.raises(ScaleNetError, match=rf"`ladder.growth` must .*growth {growth} and tolerance 0.05"):
        Run.open_or_create(tmp_path / "run", config)
    assert not (tmp_path / "run").exists()
    Run.open_or_create(tmp_path / "run", load_config("quickstart", ["ladder.growth=1.2"]))
