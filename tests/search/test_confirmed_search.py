"""Searches with confirmation through real files: trials, cost, resume, more rounds."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.search.best import best_of_stage
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.more_rounds import with_rounds
from scalenet_tf.search.result import finalists_text
from scalenet_tf.search.step import run_search
from scalenet_tf.search.trial_values import decode
from scalenet_tf.space import Subnet
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from tests.helpers import tiny_search
from tests.helpers.confirmations import PROBLEM, confirmed
from tests.helpers.tiny_search import (
    CONFIRMED,
    IMAGES,
    SPACE,
    MadeUpTraining,
    finished,
    new_run,
    result_of,
    score,
    search,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    found = new_run(tmp_path_factory.mktemp("runs") / "first", config=CONFIRMED)
    search(found)
    return found


def test_the_family_is_that_of_the_best_finalist(run: Run) -> None:
    result, confirmation = read_search_result(run), confirmed(PROBLEM)
    assert result is not None and result.finalists is not None and confirmation.chosen is not None
    chosen = confirmation.chosen
    assert result.base == chosen.finalist.state.base and result.fitness == chosen.finalist.state.fitness
    assert tuple(entry.scaling for entry in result.scalings) == chosen.finalist.state.scalings
    assert tuple(entry.score for entry in result.scalings) == chosen.finalist.state.scores
    assert tuple(entry.confirmed for entry in result.scalings) == chosen.accuracies
    assert [finalist.fitness for finalist in result.finalists] == sorted(
        (finalist.fitness for finalist in result.finalists), reverse=True
    )
    assert [(f.round, f.confirmed, f.confirmed_fitness) for f in result.finalists] == [
        (r.finalist.round, r.accuracies, r.fitness) for r in confirmation.results
    ]
    assert result.chosen == result.finalists[confirmation.results.index(chosen)]


def test_trainings_follow_the_trials_of_the_chain_and_cost_apart(run: Run) -> None:
    plain = new_run(run.path.parent / "plain")
    scored = result_of(search(plain))
    rows = Journal(run.trials_file).read()
    chain = Journal(plain.trials_file).read()
    assert rows[: len(chain)] == chain
    trained = [row for row in rows[len(chain) :] if "values" in row]
    assert trained and all(row["values"]["confirm_epochs"] == 3 for row in trained)
    cost_of = result_of(run.search_result_file)["cost"]
    apart = cost_of.pop("confirmation")
    assert cost_of == scored["cost"]
    stages = [row["values"]["scaling_stage"] for row in trained]
    assert apart == {
        "trials": len(trained),
        "failed": 0,
        "images": sum(1000 * (stage + 1) for stage in stages),
        "macs": sum(
            row["macs"] * (3 * 1000 * (stage + 1) + 10) for row, stage in zip(trained, stages, strict=True)
        ),
    }
    assert "finalists" not in scored and all("confirmed" not in entry for entry in scored["scalings"])
    for stage in (0, 1):  # No accuracy after training among the scores with shared weights.
        assert best_of_stage(run, stage, 99) == best_of_stage(plain, stage, 99)


def test_a_resume_after_each_row_of_the_confirmation_ends_the_same(run: Run) -> None:
    journal = run.trials_file.read_bytes().splitlines(keepends=True)
    chain = sum(b"confirm_epochs" not in row and b'"values"' in row for row in journal) * 2
    assert len(journal) - chain >= 8
    for count in range(chain, len(journal) + 1):
        other = new_run(run.path.parent / f"{count} rows", config=CONFIRMED)
        files.write_bytes(other.search_identity_file, run.search_identity_file.read_bytes())
        files.write_bytes(other.trials_file, b"".join(journal[:count]))
        assert result_of(search(other)) == result_of(run.search_result_file)
        assert other.trials_file.read_bytes() == run.trials_file.read_bytes()


@pytest.mark.slow
def test_kills_at_random_moments_of_the_confirmation_change_nothing(run: Run) -> None:
    path = run.path.parent / "killed"
    command = [sys.executable, "-m", "tests.helpers.tiny_search", str(path), "4", "confirm"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, check=True, env=environment, timeout=300)
    assert result_of(path / "search" / "result.json") == result_of(run.search_result_file)
    for name in ("trials.jsonl", "oracle.json"):
        assert (path / "search" / name).read_bytes() == (run.search / name).read_bytes()


def trained_networks(run: Run) -> set[tuple[int, str]]:
    rows = [row for row in Journal(run.trials_file).read() if "values" in row]
    values = [row["values"] for row in rows if "confirm_epochs" in row["values"]]
    found = [(own["scaling_stage"], scale(SPACE, *decode(SPACE, own)[1:]).key) for own in values]
    assert len(set(found)) == len(found)  # trained once
    return set(found)


@pytest.mark.parametrize("seed", [0, 4])
def test_more_rounds_train_only_networks_that_are_new(
    seed: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    longer = CONFIRMED.model_copy(update={"rounds": 5})
    whole = new_run(run.path.parent / f"whole {seed}", seed, longer)
    expected = result_of(search(whole))
    first = new_run(run.path.parent / f"more {seed}", seed, CONFIRMED)
    search(first)
    before = trained_networks(first)
    found = result_of(search(with_rounds(first, 5)))
    assert trained_networks(whole) <= set(after := trained_networks(first)) and before < after
    spent, alone = found["cost"].pop("confirmation"), expected["cost"].pop("confirmation")
    assert spent["trials"] == len(after) >= alone["trials"]
    assert found == expected
    first.search_result_file.unlink()
    monkeypatch.setattr(tiny_search, "score", lambda subnet: pytest.fail("scored again"))
    again = result_of(search(Run.open(first.path)))
    assert again["cost"].pop("confirmation") == spent and again == found


def test_more_rounds_in_the_middle_of_the_confirmation_finish_what_was_begun(run: Run) -> None:
    journal = run.trials_file.read_bytes().splitlines(keepends=True)
    first = next(number for number, row in enumerate(journal) if b"confirm_epochs" in row)
    half = new_run(run.path.parent / "half", config=CONFIRMED)
    files.write_bytes(half.search_identity_file, run.search_identity_file.read_bytes())
    files.write_bytes(half.trials_file, b"".join(journal[: first + 3]))  # one result, one without
    found = result_of(search(with_rounds(half, 5)))
    whole = new_run(run.path.parent / "whole of five", config=CONFIRMED.model_copy(update={"rounds": 5}))
    expected = result_of(search(whole))
    spent, alone = found["cost"].pop("confirmation"), expected["cost"].pop("confirmation")
    assert found == expected and spent["trials"] >= alone["trials"]
    rows = Journal(half.trials_file).read()
    assert {row["trial"] for row in rows if "values" in row} == {r["trial"] for r in rows if "score" in r}
    assert half.trials_file.read_bytes().startswith(b"".join(journal[: first + 3]))


def test_more_finalists_than_states_are_all_there_are(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "scalenet_tf")
    other = new_run(run.path.parent / "many", config=CONFIRMED.model_copy(update={"confirm": 50}))
    search(other, progress=True)
    result = read_search_result(other)
    assert result is not None and result.finalists is not None and len(result.finalists) < 50
    count = len(result.finalists)
    assert f"`search.confirm` is 50, but chain and archive hold only {count} distinct states" in caplog.text
    assert f"search: {count} finalists, fitness before and after training: round" in caplog.text


def test_a_training_that_fails_is_a_failed_trial(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def diverge(self: MadeUpTraining, subnet: Subnet, scaling_stage: int) -> float:
        if scaling_stage:
            raise ScaleNetError("the training of finalist x diverged in epoch 1: loss nan")
        return 0.5

    monkeypatch.setattr(MadeUpTraining, "accuracy", diverge)
    other = new_run(run.path.parent / "diverged", config=CONFIRMED)
    search(other)
    result, core = read_search_result(other), finished(Mcea(PROBLEM))
    assert result is not None and result.finalists is not None and core.best is not None
    assert (result.base, result.fitness) == (core.best.base, core.best.fitness)
    assert all(finalist.confirmed_fitness is None for finalist in result.finalists)
    assert {finalist.confirmed for finalist in result.finalists} == {(0.5, None)}
    assert result.chosen is None
    assert "the training of all of them failed, so the best by shared weights is taken" in finalists_text(
        result, 4
    )
    spent = result.cost.confirmation
    assert spent is not None and 0 < spent.failed < spent.trials
    assert spent.images == 1000 * (spent.trials - spent.failed)
    messages = [row["message"] for row in Journal(other.trials_file).read() if "message" in row]
    assert len(messages) == spent.failed and "diverged in epoch 1" in messages[0]


def test_another_training_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    other = new_run(run.path.parent / "other training", config=CONFIRMED)
    files.write_bytes(other.search_identity_file, run.search_identity_file.read_bytes())
    monkeypatch.setattr(MadeUpTraining, "digest", "another")
    text = (
        r"belongs to another training of the finalists: it was started with 'made up'\. Received: 'another'"
    )
    with pytest.raises(ScaleNetError, match=text):
        search(other)


def test_finalists_need_a_trainer(run: Run) -> None:
    other = new_run(run.path.parent / "no trainer", config=CONFIRMED)
    digests = {"supernet": tiny_search.SUPERNET, "data": "digest"}
    with pytest.raises(ScaleNetError, match=r"`trainer` must be given .* is 4\. Received: None"):
        run_search(other, SPACE, score, images_per_trial=IMAGES, digests=digests, progress=False)


def test_a_row_that_is_no_training_of_the_search_is_refused(run: Run) -> None:
    other = new_run(run.path.parent / "odd row", config=CONFIRMED)
    files.write_bytes(other.search_identity_file, run.search_identity_file.read_bytes())
    for old, new in (('"confirm_epochs":3', '"confirm_epochs":2'), ('"stage0_depth":', '"stage9_depth":')):
        *rows, last, _ = run.trials_file.read_text().splitlines(keepends=True)
        assert old in last
        files.write_text(other.trials_file, "".join([*rows, last.replace(old, new)]))
        with pytest.raises(ScaleNetError, match="holds another trial than the search asks for"):
            search(other)
