"""The confirmation of finalists: what is asked for, and which finalist is chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.costs.macs import cost
from scalenet_tf.search.confirmation import Confirmation
from scalenet_tf.search.identity import identify
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.progress import fraction_done, summary
from scalenet_tf.space import Subnet
from scalenet_tf.space.criteria import Criteria
from tests.helpers.confirmations import PROBLEM, confirmed, networks
from tests.helpers.tiny_search import (
    CONFIG,
    CONFIRMED,
    MadeUpTraining,
    finished,
)


def test_each_network_is_asked_for_once_and_the_longest_first() -> None:
    confirmation = Confirmation(PROBLEM, finished(Mcea(PROBLEM)))
    asked = list(iter(confirmation.ask, None))
    wanted = {
        (stage, subnet.key) for f in confirmation.finalists for stage, subnet in enumerate(networks(f.state))
    }
    assert {(e.scaling_stage, e.subnet.key) for e in asked} == wanted and len(asked) == len(wanted)
    assert [e.macs for e in asked] == sorted((cost(e.subnet).macs for e in asked), reverse=True)
    assert {e.epochs for e in asked} == {CONFIRMED.confirm_epochs}
    assert not confirmation.finished


def test_the_best_after_training_is_chosen() -> None:
    chosen = {}
    for weights in ((1.0, 0.0), (0.0, 1.0), (1.0, 3.0)):
        problem = replace(PROBLEM, config=CONFIRMED.model_copy(update={"stage_weights": weights}))
        confirmation = confirmed(problem)
        expected = {}
        for index, own in enumerate(networks(f.state) for f in confirmation.finalists):
            parts = [MadeUpTraining().accuracy(subnet, stage) for stage, subnet in enumerate(own)]
            expected[index] = sum(w * part for w, part in zip(weights, parts, strict=True)) / sum(weights)
        best = max(expected, key=lambda index: expected[index])
        assert confirmation.chosen is not None
        assert confirmation.chosen.finalist == confirmation.finalists[best]
        assert confirmation.chosen.fitness == pytest.approx(expected[best])
        # A stage that does not count is not trained.
        missing = [accuracy is None for accuracy in confirmation.chosen.accuracies]
        assert missing == [weight == 0 for weight in weights]
        chosen[weights] = best
    assert set(chosen.values()) != {0}  # The training changes the choice.


def test_the_objective_decides_by_the_accuracy_after_training() -> None:
    def worst(subnet: Subnet, accuracy: float) -> float:
        return -accuracy

    confirmation = confirmed(replace(PROBLEM, criteria=Criteria(objective=worst)))
    fitness = [result.fitness for result in confirmation.results]
    assert confirmation.chosen is not None and confirmation.chosen.fitness == max(fitness) < 0
    for result in confirmation.results:
        accuracies = [accuracy for accuracy in result.accuracies if accuracy is not None]
        assert result.fitness == pytest.approx(-sum(accuracies) / 2) and min(accuracies) > 0


def test_a_failed_training_drops_its_finalists_alone() -> None:
    whole = confirmed(PROBLEM)
    assert whole.chosen is not None
    failed = confirmed(PROBLEM, frozenset({networks(whole.chosen.finalist.state)[1].key}))
    lost = whole.chosen.finalist.phenotypes[1]
    others = [result for result in whole.results if result.finalist.phenotypes[1] != lost]
    assert others and failed.chosen == max(others, key=lambda result: result.fitness)
    none = confirmed(PROBLEM, frozenset(s.key for f in whole.finalists for s in networks(f.state)))
    assert none.chosen is None and none.finished


def test_without_confirmation_nothing_changes() -> None:
    problem = replace(PROBLEM, config=CONFIG)
    core = Mcea(problem)
    confirmation = Confirmation(problem, core)
    assert confirmation.ask() is None and confirmation.progress == core.progress
    finished(core)
    assert confirmation.ask() is None and confirmation.finished and confirmation.finalists == ()
    assert confirmation.progress == core.progress
    other = CONFIG.model_copy(update={"confirm_epochs": 9, "confirm_start": "scratch"})
    assert identify(replace(problem, config=other), training="t") == identify(problem)
    # The finalists and their training belong to the identity.
    digests = {
        identify(replace(problem, config=CONFIRMED.model_copy(update=change))).config
        for change in ({}, {"confirm": 2}, {"confirm_epochs": 9}, {"confirm_start": "scratch"})
    }
    assert len(digests | {identify(problem).config}) == 5
    assert identify(PROBLEM, training="t").training == "t"


def test_progress_of_the_confirmation_counts_multiply_adds() -> None:
    confirmation = Confirmation(PROBLEM, core := Mcea(PROBLEM))
    assert confirmation.progress.phase == core.progress.phase and confirmation.progress.finalists == 4
    finished(core)
    total = sum(evaluation.macs for evaluation in iter(Confirmation(PROBLEM, core).ask, None))
    done, shares = 0, []
    while (evaluation := confirmation.ask()) is not None:
        assert (confirmation.progress.phase, confirmation.progress.done) == ("confirm", len(shares))
        shares.append(fraction_done(confirmation.progress))
        assert shares[-1] == pytest.approx(done / total)
        assert f"confirm, {len(shares) - 1} of " in summary(confirmation.progress)
        confirmation.tell(evaluation, 0.5)
        done += evaluation.macs
    progress = confirmation.progress
    assert shares[0] == 0 and progress.phase == "finished" and fraction_done(progress) == 1
    assert progress.completed == core.progress.completed + len(shares)


def test_configurations_without_these_keys_have_no_confirmation() -> None:
    assert (SearchConfig().confirm, SearchConfig().confirm_epochs) == (0, 2)
    with pytest.raises(ValueError, match="confirm_start"):
        SearchConfig(confirm_start="members")  # type: ignore[arg-type]
