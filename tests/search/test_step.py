from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.costs.macs import cost
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.search.best import Limits, best_of_stage
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.step import search_step
from scalenet_tf.search.trial_values import decode
from scalenet_tf.space import BaseArchitecture, Criteria, Scaling, Subnet
from scalenet_tf.space.latency_table import write_table
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from tests.helpers import tiny_search
from tests.helpers.made_up import made_up_table
from tests.helpers.tiny_search import IMAGES, SPACE, new_run, result_of, score, search


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    found = new_run(tmp_path_factory.mktemp("runs") / "first")
    search(found)
    return found


def test_the_result_is_the_searchs_best(run: Run) -> None:
    result = result_of(run.search / "result.json")
    base = BaseArchitecture.model_validate(result["base"])
    assert [entry["stage"] for entry in result["scalings"]] == [0, 1]
    for entry in result["scalings"]:
        subnet = scale(SPACE, base, Scaling.model_validate(entry["scaling"]))
        assert (entry["key"], entry["score"]) == (subnet.key, score(subnet))
        assert (entry["macs"], entry["parameters"]) == (cost(subnet).macs, cost(subnet).parameters)
    assert result["fitness"] == max(state["fitness"] for state in result["trajectory"])
    assert [state["round"] for state in result["trajectory"]] == list(range(1, len(result["trajectory"]) + 1))
    digests = result["provenance"]["digests"]
    assert digests.keys() == {"data", "space", "supernet"}
    assert (digests["data"], digests["supernet"]) == ("digest", tiny_search.SUPERNET)
    for entry in result["archive"]:
        scaling = Scaling.model_validate(entry["scaling"])
        assert scale(SPACE, BaseArchitecture.model_validate(entry["base"]), scaling).key == entry["key"]


def test_each_result_is_paid_for_once(run: Run) -> None:
    rows = [row for row in Journal(run.search / "trials.jsonl").read() if "values" in row]
    subnets = [scale(SPACE, *decode(SPACE, row["values"])[1:]) for row in rows]
    spent = result_of(run.search / "result.json")["cost"]
    assert spent["trials"] == len(rows) == len({subnet.key for subnet in subnets})
    assert (spent["failed"], spent["images"]) == (0, IMAGES * len(rows))
    assert spent["macs"] == IMAGES * sum(cost(subnet).macs for subnet in subnets)
    assert spent["cache_hits"] > 0


def test_failed_trials_are_counted_and_cost_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fragile(subnet: Subnet) -> float:
        return score(subnet) if int(subnet.key, 16) % 4 else float("nan")

    monkeypatch.setattr(tiny_search, "score", fragile)
    other = new_run(run.path.parent / "failing")
    result = result_of(search(other))
    rows = Journal(other.search / "trials.jsonl").read()
    scored = {row["trial"] for row in rows if row.get("score") is not None}
    spent = result["cost"]
    assert 0 < spent["failed"] == spent["trials"] - len(scored)
    assert spent["images"] == IMAGES * len(scored)
    assert spent["macs"] == IMAGES * sum(
        row["macs"] for row in rows if "macs" in row and row["trial"] in scored
    )
    assert all(entry["score"] is not None for entry in result["scalings"])


def test_a_finished_search_is_skipped(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "scalenet_tf")
    before = (run.search / "result.json").read_bytes()
    assert search_step(run) == run.search / "result.json"
    assert "search: done already" in caplog.text
    assert (run.search / "result.json").read_bytes() == before


def test_a_lost_result_is_written_again_from_the_journal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    path = run.search / "result.json"
    before = result_of(path)
    path.unlink()
    monkeypatch.setattr(tiny_search, "score", lambda subnet: pytest.fail("scored again"))
    search(run)
    assert result_of(path) == before
    assert files.read_json(path)["environment"]["replayed_trials"] == before["cost"]["trials"]


def test_seconds_are_those_of_all_processes(run: Run) -> None:
    path = run.search / "result.json"
    path.unlink()
    files.write_json(run.search / "seconds.json", 1000.0)
    search(run)
    assert 1000 < files.read_json(path)["environment"]["seconds"] < 1060


def test_twelve_kills_at_random_moments_change_nothing(run: Run) -> None:
    path = run.path.parent / "killed"
    command = [sys.executable, "-m", "tests.helpers.tiny_search", str(path), "12"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, check=True, env=environment, timeout=300)
    assert result_of(path / "search" / "result.json") == result_of(run.search / "result.json")
    for name in ("trials.jsonl", "oracle.json"):
        assert (path / "search" / name).read_bytes() == (run.search / name).read_bytes()
    assert files.read_json(path / "search" / "result.json")["environment"]["replayed_trials"] > 0


def test_another_seed_finds_another_result(run: Run) -> None:
    other = new_run(run.path.parent / "other", seed=1)
    search(other)
    assert (
        result_of(other.search / "result.json")["archive"] != result_of(run.search / "result.json")["archive"]
    )


def test_a_search_of_another_supernet_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    half = new_run(run.path.parent / "half")
    for name in ("oracle.json", "trials.jsonl"):
        files.write_bytes(half.search / name, (run.search / name).read_bytes())
    monkeypatch.setattr(tiny_search, "SUPERNET", "f" * 16)
    with pytest.raises(ScaleNetError, match="belongs to another super-supernet"):
        search(half)


def test_best_of_stage_ranks_within_one_stage(run: Run) -> None:
    for stage in (0, 1):
        best = best_of_stage(run, stage, count=5)
        assert len(best) == 5
        rows = Journal(run.search / "trials.jsonl").read()
        stages = {row["trial"]: row["values"]["scaling_stage"] for row in rows if "values" in row}
        scores = sorted(
            (r["score"] for r in rows if "score" in r and stages[r["trial"]] == stage), reverse=True
        )
        assert [trial.score for trial in best] == scores[:5]
        subnet = scale(SPACE, best[0].base, best[0].scaling)
        assert score(subnet) == best[0].score
        assert (best[0].macs, best[0].parameters) == (cost(subnet).macs, cost(subnet).parameters)


@pytest.mark.parametrize("name", ["macs", "parameters", "peak_memory"])
def test_best_of_stage_keeps_to_limits(run: Run, name: str) -> None:
    everything = best_of_stage(run, 1, count=1000)
    for trial in everything:
        assert trial.peak_memory == peak_memory(scale(SPACE, trial.base, trial.scaling))
    limit = sorted(getattr(trial, name) for trial in everything)[len(everything) // 2]
    kept = [trial for trial in everything if getattr(trial, name) <= limit]
    assert 0 < len(kept) < len(everything)
    assert best_of_stage(run, 1, count=1000, limits=Limits(**{name: limit})) == kept


def test_best_of_stage_goes_by_a_table_that_was_measured_for_the_run(run: Run) -> None:
    with pytest.raises(ScaleNetError, match=r"needs a latency table.*scalenet profile blocks --run"):
        best_of_stage(run, 1, limits=Limits(latency_ms=4))
    assert best_of_stage(run, 1)[0].latency_ms is None
    table = made_up_table(SPACE)
    write_table(run.latency_file, table, {})
    try:
        everything = best_of_stage(run, 1, count=1000)
        for trial in everything:
            assert trial.latency_ms == predict_ms(table, scale(SPACE, trial.base, trial.scaling))
        limit = sorted(trial.latency_ms or 0 for trial in everything)[len(everything) // 2]
        kept = [trial for trial in everything if (trial.latency_ms or 0) <= limit]
        assert 0 < len(kept) < len(everything)
        assert best_of_stage(run, 1, count=1000, limits=Limits(latency_ms=limit)) == kept
        with pytest.raises(ScaleNetError, match=r"latency_ms at most 0.01\. .*peak_memory .*latency_ms \d"):
            best_of_stage(run, 1, limits=Limits(latency_ms=0.01))
    finally:
        run.latency_file.unlink()


def test_a_table_that_is_not_finished_hinders_nobody_who_sets_no_limit(run: Run) -> None:
    table = made_up_table(SPACE)
    write_table(run.latency_file, table.model_copy(update={"blocks": dict([*table.blocks.items()][:1])}), {})
    try:
        assert best_of_stage(run, 1)[0].latency_ms is None
        with pytest.raises(
            ScaleNetError, match=r"least that any of them has: macs \d[^l]*peak_memory [\d,]+\. R"
        ):
            best_of_stage(run, 1, limits=Limits(macs=1))
        with pytest.raises(ScaleNetError, match="the latency table has no block"):
            best_of_stage(run, 1, limits=Limits(latency_ms=4))
    finally:
        run.latency_file.unlink()


def test_a_search_that_is_done_takes_its_own_criteria_or_none(run: Run) -> None:
    other = Criteria(constraints=(lambda subnet, stage: True,))
    with pytest.raises(ScaleNetError, match=r"objective none\. Received: \['t.*leave them out"):
        search_step(run, criteria=other)
    assert search_step(run) == run.search_result_file


def test_limits_that_nothing_keeps_to_say_what_there_is(run: Run) -> None:
    everything = best_of_stage(run, 1, count=1000)
    least = min(trial.parameters for trial in everything)
    with pytest.raises(
        ScaleNetError,
        match=rf"of stage 1 pass. Received: macs at most 5, parameters at most 9. .*parameters {least:,}",
    ):
        best_of_stage(run, 1, limits=Limits(macs=5, parameters=9))


def test_best_of_stage_says_what_is_missing(run: Run) -> None:
    with pytest.raises(ScaleNetError, match=r"`stage` must be 0 to 1 in space 'tiny'\. Received: 2"):
        best_of_stage(run, 2)
    empty = new_run(run.path.parent / "empty")
    with pytest.raises(
        ScaleNetError, match=r"no scored trial of stage 0 yet\. Search with: scalenet search --run"
    ):
        best_of_stage(empty, 0)


def test_best_of_stage_needs_no_tensorflow(run: Run) -> None:
    code = f"""
import sys
from pathlib import Path
import scalenet_tf.search.step
from scalenet_tf.config import RunConfig
from scalenet_tf.run import Run
from scalenet_tf.search.best import best_of_stage
run = Run(Path({str(run.path)!r}), RunConfig.model_validate_json({run.config.model_dump_json()!r}))
assert best_of_stage(run, 1)
print([name for name in ("tensorflow", "keras", "keras_tuner") if name in sys.modules])
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert json.loads(done.stdout) == []
