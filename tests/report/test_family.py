from __future__ import annotations

from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.report.family import family_rows
from scalenet_tf.run import Run
from scalenet_tf.run.states import step_states
from scalenet_tf.space import Subnet
from scalenet_tf.utils import files


def test_rows_hold_what_the_files_say(finished_run: Run) -> None:
    rows = family_rows(finished_run)
    members = files.read_json(finished_run.family_file)["members"]
    assert [row.name for row in rows] == ["s0", "s1", "s2", "s3"]
    assert [row.macs for row in rows] == [member["macs"] for member in members]
    assert [row.peak_memory for row in rows] == [
        peak_memory(Subnet.model_validate(member["subnet"])) for member in members
    ]
    assert rows[3].origin == "extrapolated"
    assert rows[1].test_accuracy == 0.8434 + 0.01
    assert rows[1].latency_ms == 2.5
    assert rows[2].saved_model == finished_run.member(2) / "saved_model" / "1"


def test_what_is_not_there_yet_is_none(searched_run: Run, family_run: Run) -> None:
    assert all(
        (row.validation_accuracy, row.test_accuracy, row.latency_ms, row.saved_model) == (None,) * 4
        for row in family_rows(family_run)
    )


def test_no_family_gives_no_rows(searched_run: Run) -> None:
    assert family_rows(searched_run) == []


def test_an_unfinished_saved_model_is_none(finished_run: Run) -> None:
    (finished_run.member(1) / "saved_model" / "1" / "saved_model.pb").unlink()
    assert family_rows(finished_run)[1].saved_model is None
    assert step_states(finished_run)["export"] == "3 of 4"


def test_step_states_follow_the_files(finished_run: Run) -> None:
    states = {"train": "done", "search": "done", "scale": "done", "retrain": "done", "export": "done"}
    assert step_states(finished_run) == {**states, "report": "not started"}
    (finished_run.supernet / "done.json").unlink()
    (finished_run.member(3) / "metrics.json").unlink()
    assert step_states(finished_run)["train"] == "started"
    assert step_states(finished_run)["retrain"] == "3 of 4"


def test_step_states_of_a_new_run(searched_run: Run) -> None:
    (searched_run.search / "result.json").unlink()
    assert step_states(searched_run) == {
        "train": "not started",
        "search": "started",
        "scale": "not started",
        "retrain": "not started",
        "export": "not started",
        "report": "not started",
    }
