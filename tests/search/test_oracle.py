from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from keras_tuner import HyperParameters

from scalenet_tf.config import SearchConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, Trial
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.trial_values import decode
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from tests.helpers.full_disk import full_disk
from tests.helpers.tiny_search import CONFIG, SPACE, SUPERNET, score

MADE: list[ScaleNetOracle] = []


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _projects_are_given_free() -> Iterator[None]:
    yield
    while MADE:
        MADE.pop().end()


def make(path: Path, seed: int = 0, supernet: str = SUPERNET, **arguments: Any) -> ScaleNetOracle:
    """An oracle that goes on with the project at `path`, as the tuner would make it."""
    problem = SearchProblem(arguments.pop("space", SPACE), arguments.pop("config", CONFIG), seed)
    oracle = ScaleNetOracle(problem, supernet, **arguments)
    MADE.append(oracle)
    oracle._set_project_dir(str(path.parent), path.name)
    oracle.reload()
    oracle.begin()
    return oracle


def score_of(trial: Trial, space: Any = SPACE) -> float:
    _, base, scaling = decode(space, trial.hyperparameters.values)
    return score(scale(space, base, scaling))


def finish(oracle: ScaleNetOracle, trial: Trial, value: float | None = None) -> None:
    oracle.update_trial(trial.trial_id, {OBJECTIVE: score_of(trial) if value is None else value})
    trial.status = "COMPLETED"
    oracle.end_trial(trial)


def fail(oracle: ScaleNetOracle, trial: Trial, message: str = "ResourceExhausted") -> None:
    trial.status, trial.message = "INVALID", message
    oracle.end_trial(trial)


def run_to_end(oracle: ScaleNetOracle) -> ScaleNetOracle:
    while (trial := oracle.create_trial("tuner0")).status != "STOPPED":
        assert trial.status == "RUNNING"
        finish(oracle, trial)
    oracle.end()
    return oracle


def summary(oracle: ScaleNetOracle) -> dict[str, Any]:
    trials = {n: (t.hyperparameters.values, t.score, t.status) for n, t in oracle.trials.items()}
    return {"trials": trials, "best": oracle.core.best, "archive": oracle.core.archive}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[ScaleNetOracle, Path]:
    path = tmp_path_factory.mktemp("whole") / "search"
    return run_to_end(make(path)), path


def test_trial_n_is_the_cores_nth_ask(whole: tuple[ScaleNetOracle, Path]) -> None:
    core, trials = Mcea(SearchProblem(SPACE, CONFIG, 0)), list(whole[0].trials.values())
    for number, trial in enumerate(trials):
        evaluation = core.ask()
        assert evaluation is not None and int(trial.trial_id) == evaluation.number == number
        expected = (evaluation.scaling_stage, evaluation.base, evaluation.scaling)
        assert decode(SPACE, trial.hyperparameters.values) == expected
        core.tell(number, trial.score)
    assert core.finished and core.best == whole[0].core.best


def test_a_resume_at_every_byte_of_the_last_row_ends_the_same(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    journal = (whole[1] / "trials.jsonl").read_bytes()
    lines = journal.splitlines(keepends=True)
    for last in (60, 61):  # the start of a trial in the middle, at every seventh byte, and its result
        for size in range(0, len(lines[last]) + 1, 7 if last == 60 else 1):
            path = tmp_path / f"{last}-{size}"
            files.write_bytes(path / "trials.jsonl", b"".join(lines[:last]) + lines[last][:size])
            files.write_bytes(path / "oracle.json", (whole[1] / "oracle.json").read_bytes())
            oracle = make(path)
            if size % 21 == 0:
                assert summary(run_to_end(oracle)) == summary(whole[0])
                assert (path / "trials.jsonl").read_bytes() == journal
            else:
                for _ in range(2):
                    finish(oracle, oracle.create_trial("tuner0"))
                oracle.end()
                told = 32 if (last, size) < (61, len(lines[61])) else 33
                assert (path / "trials.jsonl").read_bytes() == b"".join(lines[: 2 * told])


def test_a_row_that_cannot_be_written_ends_the_search_and_costs_nothing_else(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    path = tmp_path / "search"
    oracle = make(path)
    first = oracle.create_trial("worker0")
    with full_disk((path / "trials.jsonl").stat().st_size + 10):
        second = oracle.create_trial("worker1")
    assert oracle.over and "free some disk space" in str(oracle.failure)
    # There is room again, but a result without its trial's start would be no row of this search.
    for trial in (first, second):
        finish(oracle, trial)
    assert [oracle.create_trial(f"worker{n}").status for n in range(2)] == ["STOPPED", "STOPPED"]
    assert oracle.heard_within(60.0) == set()  # no lock is left behind
    oracle.end()
    assert len(Journal(path / "trials.jsonl").read()) == 1
    assert summary(run_to_end(make(path))) == summary(whole[0])


def test_a_reload_restores_scores_order_and_metrics(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    oracle = ScaleNetOracle(SearchProblem(SPACE, CONFIG, 0), SUPERNET)
    oracle._set_project_dir(str(whole[1].parent), whole[1].name)
    oracle.reload()
    assert summary(oracle) == summary(whole[0])
    assert not oracle.tuner_ids  # else a chief would wait for a worker that never was
    assert oracle.end_order == whole[0].end_order and list(oracle.trials) == list(whole[0].trials)
    assert oracle.create_trial("tuner0").status == "STOPPED"
    for trial in oracle.trials.values():
        assert trial.metrics.get_best_value(OBJECTIVE) == trial.score


def test_workers_that_end_in_any_order_find_the_same(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    rng, oracle = random.Random(0), make(tmp_path / "search")
    held: dict[str, Trial] = {}
    idle = 0
    while True:
        worker = rng.choice(["a", "b", "c"])
        if worker in held and rng.random() < 0.6:
            finish(oracle, held.pop(worker))
            continue
        trial = oracle.create_trial(worker)
        if trial.status == "STOPPED":
            break
        if trial.status == "IDLE":
            idle += 1
        else:
            held[worker] = trial
    assert not held and idle > 0
    assert summary(oracle) == summary(whole[0])
    oracle.end()
    assert summary(make(tmp_path / "search")) == summary(whole[0])  # the rows stand in another order


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"seed": 1}, r"another seed: it was begun with 0\. Received: 1"),
        (
            {"supernet": "f" * 16},
            r"another super-supernet: it was begun with '0123456789abcdef'\. Received: 'f+'",
        ),
        ({"space": SPACE.for_data(3, 10)}, r"another space: it was begun with '\w{16}'\. Received: '\w{16}'"),
        ({"config": SearchConfig(population=9)}, r"another configuration: .* Search in a new run"),
    ],
)
def test_another_search_is_refused(
    whole: tuple[ScaleNetOracle, Path], arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(ScaleNetError, match=named):
        make(whole[1], **arguments)


def test_rows_that_the_search_does_not_ask_for_are_refused(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    rows = (whole[1] / "trials.jsonl").read_text().splitlines(keepends=True)
    rows[4] = rows[4].replace('"scaling_stage":1', '"scaling_stage":0')
    files.write_text(tmp_path / "search" / "trials.jsonl", "".join(rows))
    files.write_bytes(tmp_path / "search" / "oracle.json", (whole[1] / "oracle.json").read_bytes())
    with pytest.raises(ScaleNetError, match=r"line 5 of '.*' holds another trial than the search asks for"):
        make(tmp_path / "search")


def test_seed_zero_is_a_seed(whole: tuple[ScaleNetOracle, Path], tmp_path: Path) -> None:
    assert whole[0].seed == 0 and files.read_json(whole[1] / "oracle.json")["seed"] == 0
    assert summary(run_to_end(make(tmp_path / "same"))) == summary(whole[0])
    assert summary(run_to_end(make(tmp_path / "other", seed=1))) != summary(whole[0])


def test_failed_trials_are_told_and_the_search_goes_on(tmp_path: Path) -> None:
    oracle = make(tmp_path / "search")
    while (trial := oracle.create_trial("tuner0")).status != "STOPPED":
        if int(trial.trial_id) % 7 == 3:
            fail(oracle, trial, "x" * 5000 + "\nResourceExhausted: out of memory")
        else:
            finish(oracle, trial)
    oracle.end()
    failed = [t for t in oracle.trials.values() if t.status == "FAILED"]
    assert oracle.failure is None and oracle.core.finished and len(failed) > 5
    assert all(t.message.endswith("out of memory") and len(t.message) <= 300 for t in failed)
    assert all(t.score is not None for t in oracle.get_best_trials(5))
    again = make(tmp_path / "search")
    assert summary(again) == summary(oracle)
    assert [t.message for t in again.trials.values()] == [t.message for t in oracle.trials.values()]


def test_when_all_trials_fail_the_search_stops_and_can_be_tried_again(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    oracle = make(tmp_path / "search", give_up_after=4)
    for _ in range(4):
        assert oracle.failure is None
        fail(oracle, oracle.create_trial("tuner0"))
    assert oracle.create_trial("tuner0").status == "STOPPED"
    assert oracle.failure is not None
    assert "all of its first 4 trials failed, the last one with:\nResourceExhausted" in oracle.failure
    oracle.end()
    assert summary(run_to_end(make(tmp_path / "search"))) == summary(whole[0])
    assert (tmp_path / "search/trials.jsonl").read_bytes() == (whole[1] / "trials.jsonl").read_bytes()


def test_a_dead_workers_trial_is_handed_out_again_and_the_first_result_stands(tmp_path: Path) -> None:
    clock = Clock()
    oracle = make(tmp_path / "search", lease_seconds=60, clock=clock)
    lost = oracle.create_trial("slow")
    clock.now = 59.0
    assert oracle.create_trial("quick").trial_id != lost.trial_id
    clock.now = 61.0
    again = oracle.create_trial("other")
    assert again.trial_id == lost.trial_id
    finish(oracle, again, 0.5)
    finish(oracle, lost, 0.25)  # the slow worker was not dead after all
    assert oracle.trials[lost.trial_id].score == 0.5
    assert oracle.end_order == [lost.trial_id]
    assert [row["score"] for row in Journal(tmp_path / "search/trials.jsonl").read() if "score" in row] == [
        0.5
    ]


def test_silent_workers_do_not_keep_the_chief(tmp_path: Path) -> None:
    clock = Clock()
    oracle = make(tmp_path / "search", lease_seconds=60, clock=clock)
    oracle.create_trial("a")
    clock.now = 50.0
    oracle.create_trial("b")
    assert oracle.tuner_ids == {"a", "b"}
    clock.now = 70.0
    assert oracle.tuner_ids == {"b"}


def test_a_worker_that_asks_again_gets_the_same_trial(tmp_path: Path) -> None:
    oracle = make(tmp_path / "search")
    assert oracle.create_trial("a") is oracle.create_trial("a")
    assert len(oracle.trials) == 1


def test_a_score_that_went_to_a_chief_that_died_is_scored_again(tmp_path: Path) -> None:
    first = make(tmp_path / "search")
    trial = first.create_trial("a")
    first.update_trial(trial.trial_id, {OBJECTIVE: 0.5})
    first.end()
    second = make(tmp_path / "search")
    trial.status = "COMPLETED"
    second.end_trial(trial)
    assert second.end_order == []
    again = second.create_trial("a")
    assert again.trial_id == trial.trial_id and again.hyperparameters.values == trial.hyperparameters.values
    finish(second, again)
    assert second.end_order == [trial.trial_id]


def test_two_searches_in_one_project_are_refused(tmp_path: Path) -> None:
    oracle = make(tmp_path / "search")
    with pytest.raises(ScaleNetError, match="one search at a time"):
        make(tmp_path / "search")
    oracle.end()


def test_a_trial_survives_the_wire(whole: tuple[ScaleNetOracle, Path]) -> None:
    for trial in list(whole[0].trials.values())[:20]:
        sent = HyperParameters.from_proto(trial.hyperparameters.to_proto())
        assert decode(SPACE, sent.values) == decode(SPACE, trial.hyperparameters.values)


def test_a_trial_costs_the_same_late_as_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = load_space("paper")
    oracle = make(tmp_path / "search", space=space, config=SearchConfig(population=32, start_bases=2))
    writes: list[int] = []
    append = Journal.append
    monkeypatch.setattr(Journal, "append", lambda *a: (append(*a), writes.append(1))[0])
    monkeypatch.setattr(files, "write_json", lambda *a: pytest.fail("oracle.json is written once"))
    sizes = []
    for number in range(400):
        finish(oracle, trial := oracle.create_trial("tuner0"), (number % 97) / 97)
        sizes.append((tmp_path / "search" / "trials.jsonl").stat().st_size)
        assert trial.hyperparameters.space is oracle.hyperparameters.space  # declared once for all
    steps = [after - before for before, after in zip([0, *sizes], sizes, strict=False)]
    assert max(steps) <= 2048
    assert abs(sum(steps[:100]) - sum(steps[-100:])) < 0.1 * sum(steps[:100])
    assert len(writes) == 2 * 400
    assert sorted(p.name for p in (tmp_path / "search").iterdir()) == ["oracle.json", "trials.jsonl"]
