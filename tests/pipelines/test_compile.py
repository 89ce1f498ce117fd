"""What is compiled for each target, and what the strict check refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import kfp.compiler
import pytest
import yaml

from pipelines.compile import compile_pipeline
from pipelines.family import build
from pipelines.parameters import read_parameters
from pipelines.read_files import contents_of_tasks, reading_tasks
from pipelines.target import load_target
from pipelines.task_settings import Tasks
from pipelines.validate import problems, validate_file
from scalenet_tf.config import load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.run.requested_space import requested_space, with_ladder
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.latency_table import write_table
from scalenet_tf.utils import files
from tests.helpers.compiled import CASES, GOLDEN, golden
from tests.helpers.made_up import made_up_table


@pytest.mark.parametrize("case", CASES)
def test_the_compiled_pipeline_is_that_of_its_golden_file(case: str, compiled_files: dict[str, Path]) -> None:
    wanted = files.read_json(GOLDEN / f"{case}.json")
    assert golden(compiled_files[case]) == wanted, "meant? then: python -m tests.helpers.compiled"


@pytest.mark.parametrize("case", CASES)
def test_every_component_is_a_task_and_its_executor_has_the_image(
    case: str, compiled_files: dict[str, Path]
) -> None:
    executors = _pipeline(compiled_files[case])["deploymentSpec"]["executors"]
    assert set(executors) == {f"exec-{name.replace('_', '-')}" for name in Tasks.model_fields}
    images = set(re.findall(r"[\w.]+/scalenet-tf-python:\w+", json.dumps(executors)))
    assert images == (set() if case == "local" else {"registry.example/scalenet-tf-python:abc123"})


def test_machines_that_work_together_are_worker_pools(compiled_files: dict[str, Path]) -> None:
    components = _pipeline(compiled_files["vertex"])["components"]

    def pools(name: str) -> list[Any]:
        parameters = components[f"comp-{name}"]["inputDefinitions"]["parameters"]
        found: list[Any] = parameters["worker_pool_specs"]["defaultValue"]
        return found

    assert [pool["replica_count"] for pool in pools("supernet-trainer")] == [1, 3]
    assert [pool["replica_count"] for pool in pools("joint-search")] == [1, 2]
    (slice_of_tpus,) = pools("family-trainer")
    assert slice_of_tpus["machine_spec"] == {"machine_type": "ct5lp-hightpu-4t", "tpu_topology": "2x2"}
    assert all(pool["container_spec"]["env"] for pool in pools("supernet-trainer"))


def test_a_space_of_ones_own_travels_as_text(tmp_path: Path) -> None:
    from tests.helpers.networks import TINY_SPACE

    space = files.write_text(tmp_path / "tiny.yaml", TINY_SPACE)
    target = load_target("kubeflow")
    parameters = read_parameters(target, "smoke", [f"space={space}"], destination="gs://b/m")
    file = Path(compile_pipeline(target, parameters, tmp_path / "family.yaml"))
    given = _pipeline(file)["root"]["inputDefinitions"]["parameters"]["space"]["defaultValue"]
    assert yaml.safe_load(given)["menus"] and str(tmp_path) not in file.read_text("utf-8")


def test_a_latency_table_travels_with_the_space(tmp_path: Path) -> None:
    table = made_up_table(small := load_space("small"))
    file = write_table(tmp_path / "latency.json", table, {})
    settings = [f"ladder.latency_table={file}", "ladder.stages=3"]
    with pytest.raises(ScaleNetError, match=r"`ladder.latency_device` must be other on vertex .*=other"):
        read_parameters(load_target("vertex"), "smoke", settings, destination="gs://b/m")
    assert read_parameters(load_target("local"), "smoke", settings, destination="m").space
    settings.append("ladder.latency_device=other")
    parameters = read_parameters(load_target("vertex"), "smoke", settings, destination="gs://b/m")
    assert (parameters.config.space, parameters.config.ladder.latency_table) == ("custom", None)
    sent = SearchSpace.model_validate(yaml.safe_load(parameters.space))
    assert sent.budget.latency == table and sent.menus == small.menus
    assert with_ladder(sent, parameters.config.ladder) == requested_space(load_config("smoke", settings))


def test_an_edited_file_runs_the_tasks_again_that_read_it(tmp_path: Path) -> None:
    recipe = files.write_text(tmp_path / "own.yaml", "stages: [{dropout: 0.1}, {dropout: 0.1}]")
    config = load_config("smoke", [f"members.recipe={recipe}"])
    before = contents_of_tasks(config)
    assert list(before) == ["family_trainer"] and contents_of_tasks(load_config("smoke")) == {}
    files.write_text(recipe, "stages: [{dropout: 0.1}, {dropout: 0.2}]")
    assert contents_of_tasks(config) != before
    target = load_target("local")
    texts = [
        _environments(build(target, {"A": "1"}, contents), tmp_path)
        for contents in ({}, before, contents_of_tasks(config))
    ]
    for name in texts[0]:
        reads = name == "family-trainer"
        assert (texts[0][name] == texts[1][name]) != reads and (texts[1][name] == texts[2][name]) != reads


def test_each_task_reads_what_decides_its_result(tmp_path: Path) -> None:
    teacher = tmp_path / "teacher.keras"
    recipe = files.write_text(tmp_path / "own.yaml", f"stages: [{{}}, {{teacher: {teacher}}}]")
    settings = [f"members.recipe={recipe}", "search.warm_start=/run"]
    members = {str(recipe): "members.recipe", str(teacher): "members.teacher"}
    assert reading_tasks(load_config("smoke", settings)) == {
        "joint_search": {"/run": "search.warm_start"},
        "family_trainer": members,
    }
    confirmed = reading_tasks(load_config("smoke", [*settings, "search.confirm=2"]))
    assert set(confirmed["joint_search"].values()) == {"search.warm_start", "members.recipe"}


def test_a_cluster_never_caches_tasks_that_read_such_a_file(tmp_path: Path) -> None:
    def cached(*settings: str) -> set[str]:
        parameters = read_parameters(target, "smoke", settings, destination="gs://b/m")
        file = Path(compile_pipeline(target, parameters, tmp_path / "family.yaml"))
        tasks = _pipeline(file)["root"]["dag"]["tasks"] | {
            name: task
            for component in _pipeline(file)["components"].values()
            for name, task in component.get("dag", {}).get("tasks", {}).items()
        }
        return {name for name, task in tasks.items() if task.get("cachingOptions", {}).get("enableCache")}

    target = load_target("kubeflow")
    plain = cached()
    assert {"joint-search", "family-trainer"} <= plain
    own = ("members.recipe=/volume/own.yaml", "search.warm_start=/volume/run")
    assert plain - cached(*own) == {"joint-search", "family-trainer"}


def _environments(pipeline: object, folder: Path) -> dict[str, str]:
    """The environment variables of each executor of a pipeline, as JSON."""
    file = folder / "pipeline.yaml"
    kfp.compiler.Compiler().compile(pipeline, str(file))  # type: ignore[arg-type]
    executors = _pipeline(file)["deploymentSpec"]["executors"]
    return {
        name.removeprefix("exec-"): json.dumps(executor["container"].get("env"))
        for name, executor in executors.items()
        if "container" in executor
    }


def test_configuration_target_and_output_may_be_urls(tmp_path: Path) -> None:
    store = fsspec.filesystem("memory")
    store.pipe({f"{tmp_path}/c.yaml": b"seed: 7", f"{tmp_path}/t.yaml": b"name: kubeflow"})
    target = load_target(f"memory://{tmp_path}/t.yaml")
    parameters = read_parameters(target, f"memory://{tmp_path}/c.yaml", destination="gs://b/m")
    assert parameters.config.seed == 7
    url = compile_pipeline(target, parameters, f"memory://{tmp_path}/family.yaml")
    assert url == f"memory://{tmp_path}/family.yaml"
    validate_file(url)
    with pytest.raises(ScaleNetError, match=r"`config` cannot be read\. Received: 'memory://none.yaml'"):
        read_parameters(target, "memory://none.yaml", destination="gs://b/m")


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    target = load_target("kubeflow")
    parameters = read_parameters(target, "smoke", destination="gs://b/m")
    with pytest.raises(ScaleNetError, match=r"`output` must end in .yaml. Received: '.*family.json'"):
        compile_pipeline(target, parameters, tmp_path / "family.json")
    assert not list(tmp_path.iterdir())


def _tasks(spec: dict[str, Any]) -> dict[str, Any]:
    tasks: dict[str, Any] = spec["root"]["dag"]["tasks"]
    return tasks


def _rename_producer(spec: dict[str, Any]) -> None:
    given = _tasks(spec)["joint-search"]["inputs"]["artifacts"]["supernet"]["taskOutputArtifact"]
    given["producerTask"] = "supernet"


def _rename_output(spec: dict[str, Any]) -> None:
    given = _tasks(spec)["joint-search"]["inputs"]["artifacts"]["supernet"]["taskOutputArtifact"]
    given["outputArtifactKey"] = "weights"


def _lose_input(spec: dict[str, Any]) -> None:
    del _tasks(spec)["joint-search"]["inputs"]["artifacts"]["supernet"]


def _add_input(spec: dict[str, Any]) -> None:
    _tasks(spec)["joint-search"]["inputs"]["parameters"]["speed"] = {"runtimeValue": {"constant": 1.0}}


def _lose_component(spec: dict[str, Any]) -> None:
    del spec["components"]["comp-joint-search"]


def _lose_executor(spec: dict[str, Any]) -> None:
    del spec["deploymentSpec"]["executors"]["exec-pusher"]


def _lose_image(spec: dict[str, Any]) -> None:
    spec["deploymentSpec"]["executors"]["exec-pusher"]["container"]["image"] = ""


def _wait_for_nothing(spec: dict[str, Any]) -> None:
    _tasks(spec)["joint-search"]["dependentTasks"].append("nothing")


def _lose_parameter(spec: dict[str, Any]) -> None:
    del spec["root"]["inputDefinitions"]["parameters"]["config"]


def _unknown_field(spec: dict[str, Any]) -> None:
    _tasks(spec)["joint-search"]["retries"] = 3


def _unknown_executor_field(spec: dict[str, Any]) -> None:
    spec["deploymentSpec"]["executors"]["exec-pusher"]["container"]["machine"] = "large"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_rename_producer, "joint-search of root: supernet comes from supernet, which is not a task there"),
        (_rename_output, "supernet comes from supernet-trainer, which has no output weights"),
        (_lose_input, "joint-search of root: it is not given supernet, which it needs"),
        (_add_input, "joint-search of root: it is given speed, which it does not take"),
        (_lose_component, "joint-search of root: there is no component comp-joint-search"),
        (_lose_executor, "component comp-pusher: there is no executor exec-pusher"),
        (_lose_image, "executor exec-pusher: it names no image"),
        (_wait_for_nothing, "it waits for nothing, which is not a task there"),
        (_lose_parameter, "config comes from config, which its pipeline does not take"),
        (_unknown_field, 'PipelineSpec: .*no field named "retries"'),
        (_unknown_executor_field, 'PipelineDeploymentConfig: .*no field named "machine"'),
    ],
)
def test_what_no_server_could_run_is_found(
    spoil: Callable[[dict[str, Any]], None], message: str, compiled_files: dict[str, Path]
) -> None:
    spec = _pipeline(compiled_files["kubeflow"])
    assert not list(problems(spec))
    spoil(spec)
    assert re.search(message, "\n".join(problems(spec)))


def test_settings_of_kubernetes_are_checked_too(compiled_files: dict[str, Path], tmp_path: Path) -> None:
    pipeline, platform = yaml.safe_load_all(compiled_files["kubeflow"].read_text("utf-8"))
    executors = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    executors["exec-trainer"] = {}
    executors["exec-pusher"]["deadline"] = 3
    spoilt = files.write_text(tmp_path / "spoilt.yaml", yaml.safe_dump_all([pipeline, platform]))
    with pytest.raises(ScaleNetError, match="there is no executor exec-trainer") as caught:
        validate_file(spoilt)
    assert 'executor exec-pusher: Message type "kfp_kubernetes.KubernetesExecutorConfig"' in str(caught.value)


@pytest.mark.parametrize("text", ["a: [", "- 1", "a: 1\n---\nb: 1\n---\nc: 1"])
def test_what_is_no_pipeline_is_refused(text: str, tmp_path: Path) -> None:
    file = files.write_text(tmp_path / "file.yaml", text)
    with pytest.raises(ScaleNetError, match=r"`file` .*file.yaml' (is not YAML|cannot be read|must hold)"):
        validate_file(file)


def _pipeline(file: Path) -> dict[str, Any]:
    first: dict[str, Any] = next(yaml.safe_load_all(file.read_text("utf-8")))
    return first
