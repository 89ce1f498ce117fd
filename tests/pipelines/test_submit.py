"""Runs and schedules without a cluster: the real clients' signatures, and Vertex's own offline checks."""

from __future__ import annotations

import re

import pytest

from pipelines.cron import check_cron
from pipelines.parameters import Parameters, read_parameters
from pipelines.rehearsal import Rehearsal
from pipelines.submit import submit
from pipelines.target import Target, load_target
from scalenet_tf.errors import ScaleNetError

IMAGE = "image=registry.example/scalenet-tf-python:abc"
VERTEX = [IMAGE, "vertex.project=mine", "pipeline_root=gs://bucket/runs", "vertex.service_account=me@mine"]


def asked(target: Target) -> Parameters:
    return read_parameters(target, "smoke", destination="gs://bucket/models")


def rehearse(target: Target, cron: str | None = None) -> tuple[str, str]:
    lines: list[str] = []
    answer = submit(target, asked(target), "nightly", cron=cron, rehearse=lines.append)
    return answer, "\n".join(lines)


def test_a_run_on_kubeflow() -> None:
    answer, calls = rehearse(load_target("kubeflow", [IMAGE, "kubeflow.host=https://kfp.example"]))
    assert re.search(r'kfp.Client\(\n    host="https://kfp.example",\n    namespace="kubeflow",\n\)', calls)
    assert ".create_run_from_pipeline_package(" in calls and '"destination": "gs://bucket/models"' in calls
    assert answer == "<run_id of the server's answer>"


@pytest.mark.slow
def test_a_schedule_on_kubeflow_has_seconds() -> None:
    _, calls = rehearse(load_target("kubeflow", [IMAGE]), cron="0  3 * * 1")
    assert calls.index(".create_experiment(") < calls.index(".create_recurring_run(")
    assert 'cron_expression="0 0 3 * * 1"' in calls and "max_concurrency=1" in calls


def test_a_run_on_vertex() -> None:
    answer, calls = rehearse(load_target("vertex", VERTEX))
    assert 'project="mine"' in calls and 'pipeline_root="gs://bucket/runs"' in calls
    assert re.search(r'\.submit\(\n    service_account="me@mine",\n    network=null,\n\)', calls)
    assert answer == "<resource_name of the server's answer>"


@pytest.mark.slow
def test_a_schedule_on_vertex() -> None:
    _, calls = rehearse(load_target("vertex", VERTEX), cron="30 2 * * *")
    assert '.create_schedule(\n    cron="30 2 * * *"' in calls and "max_concurrent_run_count=1" in calls


@pytest.mark.parametrize(
    ("name", "overrides", "message"),
    [
        ("kubeflow", [], "`image` must be one that kubeflow can pull"),
        ("vertex", [IMAGE], "`vertex.project` must be the id of a project"),
        ("vertex", [IMAGE, "vertex.project=mine"], "`pipeline_root` must be a folder of a bucket"),
        ("vertex", [*VERTEX, "vertex.location=moon"], "Vertex AI refuses the job: Unsupported region"),
    ],
)
def test_what_a_run_lacks_is_told_before_anything_is_sent(
    name: str, overrides: list[str], message: str
) -> None:
    with pytest.raises(ScaleNetError, match=message):
        rehearse(load_target(name, overrides))


def test_a_rehearsal_refuses_what_the_client_would() -> None:
    import kfp

    with pytest.raises(TypeError, match="hosts"):
        Rehearsal(kfp.Client, print, hosts="x")
    with pytest.raises(TypeError, match="job_name"):
        Rehearsal(kfp.Client, lambda line: None).create_recurring_run(experiment_id="1")
    with pytest.raises(AttributeError, match="create_runs"):
        Rehearsal(kfp.Client, lambda line: None).create_runs()


@pytest.mark.parametrize("cron", ["*/15 * * * *", "0 0 1,15 * *", "5 4-6 * * 1-5", "0 3 * * 0"])
def test_cron(cron: str) -> None:
    assert check_cron(f" {cron} ") == cron


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("0 3 * *", "`cron` must have five fields"),
        ("60 * * * *", "the field minute takes numbers from 0 to 59.*Received: '60'"),
        ("0 5-3 * * *", "the field hour"),
        ("0 3 0 * *", "the field day"),
        ("0 3 * JAN *", "the field month"),
        ("0 3 * * 1,", "the field weekday"),
        ("0 3 * * 7", "the field weekday takes numbers from 0 to 6.*Received: '7'"),
    ],
)
def test_cron_mistakes(cron: str, message: str) -> None:
    with pytest.raises(ScaleNetError, match=message):
        check_cron(cron)
