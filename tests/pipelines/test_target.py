"""Targets and parameters: what is read, and what is refused before anything is compiled."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.parameters import DataLimits, Gates, read_parameters
from pipelines.target import NAMES, Target, load_target
from scalenet_tf.config import load_config, parse_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files


@pytest.mark.parametrize("name", NAMES)
def test_shipped_targets_load_and_never_push_from_the_cache(name: str) -> None:
    target = load_target(name)
    assert target.name == name
    assert not target.task("pusher").cache and target.task("example_gen").cache


def test_a_task_has_its_own_keys_and_the_defaults_for_the_rest() -> None:
    target = load_target("kubeflow", ["defaults.cpu=3", "tasks.evaluator.memory=1G"])
    assert (target.task("evaluator").cpu, target.task("evaluator").memory) == (3, "1G")
    assert target.task("supernet_trainer").accelerators == 2


@pytest.mark.parametrize("component", ["source_fingerprint", "evaluator", "pusher"])
def test_what_looks_outside_never_comes_from_the_cache(component: str) -> None:
    target = load_target("kubeflow", ["defaults.cache=true", f"tasks.{component}.memory=1G"])
    assert not target.task(component).cache
    with pytest.raises(ScaleNetError, match=rf"`tasks.{component}.cache` must be false"):
        load_target("kubeflow", [f"tasks.{component}.cache=true"])


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("pipeline_root=gs://b/runs/", "/gcs/b/runs/scratch"),
        ("scratch=gs://b/s", "/gcs/b/s"),
        ("scratch=/gcs/b/s", "/gcs/b/s"),
        ("image=a/b", ""),
    ],
)
def test_vertex_sees_buckets_as_folders(given: str, seen: str) -> None:
    assert load_target("vertex", [given]).scratch == seen


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = files.write_text(tmp_path / "mine.yaml", "name: local\ntasks: {joint_search: {processes: 2}}\n")
    assert load_target(str(file)).task("joint_search").processes == 2


@pytest.mark.parametrize(
    ("name", "override", "message"),
    [
        ("cloud", "", r"`target` must be one of .*'vertex'.*Received: 'cloud'"),
        ("vertex", "tasks.searcher.cpu=1", "unknown key `tasks.searcher`; .*Did you mean 'joint_search'"),
        ("vertex", "defaults.cpus=1", r"unknown key `defaults.cpus`; .*Did you mean 'cpu'\?"),
        ("vertex", "defaults.memory=8", "`defaults.memory`: .*Received: 8"),
        ("local", "defaults.cpu=1", "`tasks.source_fingerprint.cpu` has no effect on the target local"),
        ("kubeflow", "tasks.evaluator.spot=true", "`tasks.evaluator.spot` has no effect on .* kubeflow"),
        ("kubeflow", "defaults.accelerator=NVIDIA_L4", "must be a name of kubeflow, such as nvidia.com/gpu"),
        ("vertex", "defaults.accelerator=nvidia.com/gpu", "must be a name of vertex, such as NVIDIA_L4"),
        ("vertex", "tasks.evaluator.timeout=60", "`tasks.evaluator.timeout` needs `machine_type` beside it"),
        ("vertex", "tasks.supernet_trainer.replicas=2", "`tasks.supernet_trainer.replicas` needs `scratch`"),
        ("kubeflow", "tasks.pusher.processes=2", "`tasks.pusher.processes` is the search's alone"),
        ("kubeflow", "kubeflow.scratch_claim=data", "`kubeflow.scratch_claim` needs `scratch`"),
        ("kubeflow", "scratch=gs://b/s", "`scratch` must be the absolute path of a volume .*gs://b/s"),
        ("vertex", "scratch=/mnt/nfs", "`scratch` must be gs://BUCKET/FOLDER: .*Received: /mnt/nfs"),
        ("kubeflow", "scratch=/scratch", "`scratch` needs `kubeflow.scratch_claim`.* Received: /scratch"),
        ("local", "pipeline_root=gs://b/r", "`pipeline_root` must be a folder of this machine"),
        ("kubeflow", "defaults.environment={HF_TOKEN: abc}", "HF_TOKEN names a credential"),
        ("kubeflow", "defaults.secrets={LOGIN: models}", "LOGIN must read SECRET/KEY"),
    ],
)
def test_what_a_target_cannot_do_is_refused(name: str, override: str, message: str) -> None:
    with pytest.raises(ScaleNetError, match=message):
        load_target(name, [override] if override else [])


def test_only_the_two_that_share_work_take_several_machines() -> None:
    overrides = ["scratch=/gcs/b/s", "tasks.evaluator.machine_type=n1-standard-4"]
    with pytest.raises(ScaleNetError, match=r"`tasks.evaluator.replicas` must be 1"):
        load_target("vertex", [*overrides, "tasks.evaluator.replicas=2"])


def test_smoke_is_s0_to_s2_and_other_configurations_are_whole() -> None:
    smoke = read_parameters(load_target("local"), "smoke", destination="served")
    assert (smoke.config.ladder.stages, smoke.config.scale.extra_stages) == (2, 1)
    assert read_parameters(load_target("local"), "quickstart", destination="d").config.ladder.stages is None
    own = read_parameters(load_target("local"), "smoke", ["scale.extra_stages=2"], destination="served")
    asked = load_config("smoke").ladder.stages
    assert (own.config.ladder.stages, own.config.scale.extra_stages) == (asked, 2)
    five = read_parameters(load_target("local"), "smoke", destination="served", members=5)
    assert five.config.ladder.stages == 4


def test_arguments_are_one_line_each_and_say_the_same() -> None:
    parameters = read_parameters(
        load_target("kubeflow"),
        "smoke",
        ["seed=7"],
        destination="gs://b/m",
        compress=["ptq-int8", "prune"],
        limits=DataLimits(most_leaks=3),
        gates=Gates(accuracy=0.5),
    )
    assert parse_config(parameters.arguments["config"]) == parameters.config
    assert not any("\n" in value for value in parameters.arguments.values() if isinstance(value, str))
    assert (parameters.arguments["accuracy"], parameters.config.seed) == (0.5, 7)
    assert (parameters.arguments["most_leaks"], parameters.arguments["compress"]) == (
        3,
        ["ptq-int8", "prune"],
    )


@pytest.mark.parametrize(
    ("name", "config", "overrides", "given", "message"),
    [
        ("local", "smok", [], {}, "`config` must be one of .*Did you mean 'smoke'"),
        ("local", "smoke", ["seeds=1"], {}, "unknown key `seeds`"),
        ("local", "smoke", [], {"members": 2}, "`members` must be 3 or more: .*Received: 2. Give more"),
        (
            "local",
            "smoke",
            ["scale.rule=efficientnet", "scale.extra_stages=2"],
            {"members": 2},
            "`members` must be 3 or more: .*extrapolates 2, from at least 1 that",
        ),
        ("local", "smoke", [], {"members": 9}, "`ladder.stages` must be at most the 4"),
        ("local", "smoke", [], {"destination": ""}, "`destination` must be a folder or a URL"),
        ("local", "smoke", [], {"destination": "lib/python3.11"}, "`destination` must not hold .* python3"),
        ("local", "smoke", ["data.source=folder:none"], {}, "`data.source` folder:PATH must be a folder"),
        ("kubeflow", "smoke", [], {"destination": "served"}, "absolute path of a volume .*'served'"),
        (
            "vertex",
            "smoke",
            ["data.source=folder:."],
            {},
            "is a folder of this machine, which tasks of vertex",
        ),
        (
            "vertex",
            "smoke",
            [],
            {"destination": "/models"},
            r"`destination` must be a URL .* below /gcs",
        ),
        ("vertex", "smoke", [f"search.warm_start={__file__}"], {}, "`search.warm_start` is a path of this"),
        (
            "kubeflow",
            "smoke",
            [],
            {"destination": "/models"},
            "`kubeflow.scratch_claim`.* be lost with the task",
        ),
        ("kubeflow", "smoke", [], {"destination": "gss://b/m"}, "`destination` .*'gss://b/m'. .* mean 'gs'"),
        (
            "local",
            "smoke",
            [],
            {"destination": "dropbox://m"},
            r"'dropbox://m', which needs .*dropbox.*Install",
        ),
        (
            "local",
            "smoke",
            ["data.source=folder:s3://b/p"],
            {},
            "`data.source` .* gs://BUCKET/FOLDER.*s3://b/p",
        ),
        ("vertex", "smoke", ["data.source=tfrecord:https://b/p"], {}, "`data.source` tfrecord:PATH must be"),
        (
            "kubeflow",
            "smoke",
            ["data.source=tfds:mnist", "data.data_dir=."],
            {},
            "`data.data_dir` is a folder of this",
        ),
    ],
)
def test_parameters_are_checked_first(
    name: str, config: str, overrides: list[str], given: dict[str, object], message: str
) -> None:
    target: Target = load_target(name)
    with pytest.raises(ScaleNetError, match=message):
        read_parameters(target, config, overrides, **{"destination": "gs://b/m", **given})  # type: ignore[arg-type]


def test_a_recipe_of_this_machine_is_refused_on_a_cluster(tmp_path: Path) -> None:
    recipe = tmp_path / "own.yaml"
    recipe.write_text("stages: [{dropout: 0.1}]")
    with pytest.raises(
        ScaleNetError, match=r"`members\.recipe` is a path of this machine, which tasks of kubef"
    ):
        read_parameters(
            load_target("kubeflow"), "smoke", [f"members.recipe={recipe}"], destination="gs://b/m"
        )
    elsewhere = ["members.recipe=/volume/own.yaml"]
    sent = read_parameters(load_target("kubeflow"), "smoke", elsewhere, destination="gs://b/m").config
    assert sent.members.recipe == "/volume/own.yaml"
    own = read_parameters(load_target("local"), "smoke", [f"members.recipe={recipe}"], destination="m").config
    assert own.members.recipe == str(recipe)


@pytest.mark.parametrize(
    "volume", [["scratch={}", "kubeflow.scratch_claim=data"], ["kubeflow.mounts=[{}]"]], ids=["claim", "own"]
)
def test_a_volume_of_the_tasks_may_be_mounted_here_too(volume: list[str], tmp_path: Path) -> None:
    recipe = files.write_text(tmp_path / "own.yaml", "dropout: 0.1")
    (tmp_path / "photos").mkdir()
    target = load_target("kubeflow", [text.format(tmp_path) for text in volume])

    def read(source: str, destination: str = "gs://b/m") -> str | None:
        settings = [f"members.recipe={recipe}", f"data.source={source}", f"data.data_dir={tmp_path}"]
        return read_parameters(target, "smoke", settings, destination=destination).destination

    assert read(f"folder:{tmp_path / 'photos'}", f"{tmp_path}/models") == f"{tmp_path}/models"
    assert read("tfds:mnist") == "gs://b/m"
    with pytest.raises(ScaleNetError, match="which would be lost with the task"):
        read("tfds:mnist", f"{tmp_path}/../models")
    with pytest.raises(ScaleNetError, match="is a folder of this machine"):
        read(f"folder:{Path(__file__).parent}")
