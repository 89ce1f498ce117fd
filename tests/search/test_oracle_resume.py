"""What an oracle makes of the project that an earlier process left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.errors import DamagedFileError, ScaleNetError
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.space import Criteria, Subnet
from scalenet_tf.utils import files
from tests.helpers import tiny_search
from tests.helpers.full_disk import full_disk
from tests.helpers.oracles import finish, make, run_to_end, summary
from tests.helpers.tiny_search import CONFIG, SPACE, SUPERNET, new_run, search

pytestmark = pytest.mark.usefixtures("released_projects")


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"seed": 1}, r"another seed: it was started with 0\. Received: 1"),
        (
            {"supernet": "f" * 16},
            r"another super-supernet: it was started with '0123456789abcdef'\. Received: 'f+'",
        ),
        (
            {"space": SPACE.for_data(3, 10)},
            r"another space: it was started with '\w{16}'\. Received: '\w{16}'",
        ),
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


def test_trials_whose_identity_is_lost_are_not_taken_for_another_process(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    journal = (whole[1] / "trials.jsonl").read_bytes()
    files.write_bytes(tmp_path / "search" / "trials.jsonl", journal)
    for _ in range(2):
        with pytest.raises(
            DamagedFileError, match=r"search/oracle\.json' is missing, .* 'trials\.jsonl' belong to\. Put it"
        ):
            make(tmp_path / "search")
    assert (tmp_path / "search" / "trials.jsonl").read_bytes() == journal
    (tmp_path / "search" / "trials.jsonl").write_bytes(b"")  # a kill before the first row leaves that
    assert make(tmp_path / "search").create_trial("a").status == "RUNNING"


def test_two_searches_in_one_project_are_refused(tmp_path: Path) -> None:
    oracle = make(tmp_path / "search")
    with pytest.raises(ScaleNetError, match="one search at a time"):
        make(tmp_path / "search")
    oracle.end()


def test_an_objective_that_fails_on_resume_is_named_and_costs_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = False

    def objective(subnet: Subnet, accuracy: float) -> float:
        if broken:
            raise KeyError("prices.csv")
        return accuracy

    score, failed = tiny_search.score, []

    def failing_once(subnet: Subnet) -> float:
        if not failed:
            failed.append(subnet)
            raise MemoryError
        return score(subnet)

    monkeypatch.setattr(tiny_search, "score", failing_once)
    run = new_run(tmp_path / "run")
    search(run, criteria=Criteria(objective=objective))
    run.search_result_file.unlink()
    rows = b"".join(run.trials_file.read_bytes().splitlines(keepends=True)[:60])
    assert b'"score":null' in rows
    run.trials_file.write_bytes(rows)
    broken = True
    for _ in range(2):
        with pytest.raises(ScaleNetError, match=r"`objective` .* failed for accuracy .*prices\.csv"):
            search(run, criteria=Criteria(objective=objective))
        assert run.trials_file.read_bytes() == rows
