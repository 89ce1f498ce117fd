from __future__ import annotations

from scalenet_tf.config import Task
from scalenet_tf.costs.device import describe_device
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.report.family import family_rows
from scalenet_tf.report.standard_error import error_of, standard_error
from scalenet_tf.run import Run
from scalenet_tf.run.metrics import trained_metrics
from scalenet_tf.run.profile import CallTimes, MemberProfile, Profile
from scalenet_tf.run.provenance import Environment
from scalenet_tf.run.states import step_states
from scalenet_tf.space import Subnet
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import write_value
from tests.helpers.stored import info_of


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


def test_many_classes_have_their_test_images_from_the_data(finished_run: Run) -> None:
    for stage in range(4):
        files_of = finished_run.member_files(stage)
        metrics = trained_metrics(finished_run, stage)
        write_value(files_of.metrics, metrics.model_copy(update={"confusion": None}))
    assert family_rows(finished_run)[0].test_images is None
    counts = {"test": (100,) * 10}
    write_value(finished_run.data_file, info_of().model_copy(update={"class_counts": counts}))
    row = family_rows(finished_run)[0]
    assert row.class_images == counts["test"] and error_of(row) == standard_error(0.8434, 1000)
    several = finished_run.config.model_copy(update={"task": Task.multi_label})
    assert family_rows(Run(finished_run.path, several))[0].class_images is None


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


def test_a_profile_is_believed_before_the_export(finished_run: Run) -> None:
    times = {1: CallTimes(p50=1.25, p90=1.5, calls=100)}
    rows = tuple(
        MemberProfile(stage=1, format=form, bytes=1, latency_ms=times, peak_memory=1)
        for form in ("litert", "saved_model")
    )
    profile = Profile(device=describe_device(1), rows=rows, environment=Environment.now(1.0))
    write_value(finished_run.profile_file, profile)
    # Of one member alone it is measured otherwise than the exports of the others.
    assert [row.latency_ms for row in family_rows(finished_run)][1:3] == [2.5, 3.75]
    stages = [row.stage for row in family_rows(finished_run)]
    rows = tuple(
        MemberProfile(stage=stage, format="saved_model", bytes=1, latency_ms=times, peak_memory=1)
        for stage in stages
    )
    write_value(finished_run.profile_file, profile.model_copy(update={"rows": rows}))
    assert [row.latency_ms for row in family_rows(finished_run)] == [1.25] * len(stages)


def test_warm_up_requests_are_no_part_of_the_size(finished_run: Run) -> None:
    before = family_rows(finished_run)[1].size
    requests = finished_run.member(1) / "saved_model" / "1" / "assets.extra" / "tf_serving_warmup_requests"
    requests.parent.mkdir(exist_ok=True)
    requests.write_bytes(bytes(1000))
    assert before is not None and family_rows(finished_run)[1].size == before
