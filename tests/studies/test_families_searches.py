"""The searches of the study of families: what they pay for, and what they may ask for."""

from __future__ import annotations

from pathlib import Path

import keras_tuner
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalenet_tf.config import DataConfig
from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import TRAINING_PASSES, cost
from scalenet_tf.sampling.pool import draw_pool
from scalenet_tf.space.scaling import scale
from studies.families.best_family import BestFamily
from studies.families.budget import scoring_macs, search_macs, trained_images, training_macs
from studies.families.keras_space import KerasSpace
from studies.families.plan import KERAS_TUNERS, WAYS, Way, grid_of, searches
from studies.families.published import PUBLISHED
from studies.families.random_states import RandomStates
from studies.families.run_search import run_config
from studies.families.study import Study, TrialLength, Tuned
from studies.families.training_budget import forward_macs

STUDY = Study.of_size("wide", DataConfig())
TUNED = Tuned(learning_rate=0.1, training=0.8)
TRIALS = TrialLength(images=6000)
KERAS_SPACES = [KerasSpace(STUDY.stage_space(stage)) for stage in range(4)]
WITH_SUPERNET = [way for way in WAYS if way not in KERAS_TUNERS]


@pytest.mark.parametrize("way", WITH_SUPERNET)
def test_no_way_pays_more_than_its_budget(way: Way, tmp_path: Path) -> None:
    paid, budget = 0.0, 8
    for search in searches(STUDY, way, budget, TUNED, 0):
        config, space = run_config(STUDY, search, tmp_path).supernet, STUDY.space
        if search.stage is not None:
            space = STUDY.stage_space(search.stage)
        assert (config.sharing, config.draw) == ("slot", "budget"), "the product's defaults"
        trained = TRAINING_PASSES * forward_macs(space, config, 0, config.steps)
        assert trained == pytest.approx(training_macs(STUDY, search), rel=0.05)
        paid += trained + scoring_macs(STUDY, search)
    finalists = 0.0
    if way == "confirmed":
        images = trained_images(STUDY.finalist_images, STUDY.trained_validation_images)
        finalists = STUDY.finalists * images * sum(200_000 * 2**stage for stage in range(4))
        assert 0 < finalists < 0.5 * budget * STUDY.macs
    assert paid + finalists == pytest.approx(budget * STUDY.macs, rel=0.05)


def test_searches_of_single_stages_divide_the_budget_alike() -> None:
    for way, tuned in (("independent", TUNED), ("RandomSearch", TRIALS)):
        wanted = searches(STUDY, way, 4, tuned, 0)  # type: ignore[arg-type]
        macs = [search_macs(STUDY, search) for search in wanted]
        assert sum(macs) == pytest.approx(4 * STUDY.macs)
        assert macs == pytest.approx([macs[0] * 2**stage for stage in range(4)])


def test_random_scores_take_the_super_supernet_of_the_joint_search() -> None:
    (random,) = searches(STUDY, "random-scores", 8, TUNED, 1)
    (joint,) = searches(STUDY, "joint", 8, TUNED, 1)
    assert random.trained_by == joint and random.item != joint.item
    names = {search.name for way in WAYS for search in searches(STUDY, way, 8, _point(STUDY, way), 1)}
    assert len(names) == 1 + 1 + 1 + 4 + 3 * 4


def _point(study: Study, way: Way) -> Tuned | TrialLength:
    return grid_of(study, way)[0]


def test_random_states_are_feasible_and_asked_for_once() -> None:
    space, family = STUDY.space, BestFamily(STUDY.space, None)
    states, seen = RandomStates(space, 0), set()
    for number in range(40):
        asked = states.ask()
        states.tell(asked.number, 0.5)
        family.add(asked, number / 100)
        assert (asked.base, asked.scaling) not in seen
        seen.add((asked.base, asked.scaling))
        budget = space.budget.macs * 2**asked.scaling_stage
        assert cost(asked.subnet).macs == asked.macs == pytest.approx(budget, rel=0.15 + 0.1 + 0.02)
    assert family.complete and len(family.best()) == 4


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_every_choice_of_keras_tuner_is_a_network_within_the_budgets(data: st.DataObject) -> None:
    stage = data.draw(st.integers(0, 3))
    keras_space, base_macs = KERAS_SPACES[stage], STUDY.space.budget.macs
    hp = keras_tuner.HyperParameters()
    keras_space.register(hp)
    known = len(hp.space)
    hp.values |= {one.name: data.draw(st.integers(one.min_value, one.max_value)) for one in hp.space}
    network = keras_space.network(hp, 7)
    own = cost(scale(STUDY.space, network.base, STUDY.space.menus[0].scalings()[0])).macs
    assert len(hp.space) == known, "every hyperparameter is known from the start"
    assert own == pytest.approx(base_macs, rel=0.15) and network.number == 7
    assert cost(network.subnet).macs == pytest.approx(own * 2**stage, rel=0.1)


def test_a_choice_that_is_within_the_budgets_is_taken_as_it_is() -> None:
    space = STUDY.stage_space(2)
    pool = draw_pool(space, np.random.default_rng(0))
    row = int(np.flatnonzero(pool.feasible[1].any(0))[3])
    scaling = pool.scalings[1][int(np.flatnonzero(pool.feasible[1][:, row])[0])]
    base, menu = decode(space, pool.bases[np.array([row])])[0], space.menus[1]
    hp = keras_tuner.HyperParameters()
    for number, (blocks, part) in enumerate(zip(base.stages, space.stages, strict=True)):
        hp.values[f"depth{number}"] = len(blocks)
        hp.values |= {f"op{number}_{n}": part.ops.index(op) for n, op in enumerate(blocks)}
    hp.values["scaling_depth"] = menu.depth.index(scaling.depth_thousandths)
    hp.values["scaling_width"] = menu.width.index(scaling.width_thousandths)
    hp.values["scaling_resolution"] = menu.resolution.index(scaling.resolution)
    assert KERAS_SPACES[2].network(hp, 0).subnet.key == scale(space, base, scaling).key


@pytest.mark.slow
def test_published_architectures_have_the_multiply_adds_of_their_stage() -> None:
    from studies.families.training_published import build, count_macs

    for one in PUBLISHED:
        macs = count_macs(build(one, 1, 10))
        assert macs == pytest.approx(STUDY.space.budget.macs * 2**one.stage, rel=STUDY.tolerance), one
