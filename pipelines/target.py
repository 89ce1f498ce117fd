"""Targets: where a pipeline runs, and the machines and settings of each task there; one YAML file each."""

from __future__ import annotations

import os
import re
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from pipelines.task_settings import Task, Tasks
from scalenet_tf.config import parse_typed
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.inputs import Integer, Text
from scalenet_tf.utils.resources import nothing_quoted, read_shipped
from scalenet_tf.utils.value import Value

TargetName = Literal["local", "kubeflow", "vertex"]
NAMES: tuple[TargetName, ...] = typing.get_args(TargetName)


class Kubeflow(Value):
    """Installation of Kubeflow Pipelines."""

    host: Text = Field(default="", description="address of the API; empty: the cluster of the client")
    namespace: Text = Field(default="kubeflow", description="namespace of the user")
    experiment: Text = Field(default="scalenet", description="experiment that runs are listed under")
    scratch_claim: Text | None = Field(
        default=None, description="persistent volume claim (ReadWriteMany) mounted at `scratch`"
    )
    mounts: tuple[Text, ...] = Field(
        default=(), description="paths of volumes that the cluster itself mounts in every task"
    )


class Vertex(Value):
    """Project on Google Cloud."""

    project: Text = ""
    location: Text = "us-central1"
    service_account: Text = Field(
        default="", description="account that runs the tasks; empty: the project's default"
    )
    network: Text = Field(
        default="", description="full name of a network to peer with; not needed by replicas"
    )


class Target(Value):
    """A target, as `load_target` reads it."""

    name: TargetName
    image: Text | None = Field(default=None, description="image of every task; null: the components' own")
    pipeline_root: Text = Field(default="", description="folder of the artifacts, or gs://BUCKET/FOLDER")
    scratch: Text = Field(
        default="",
        description="folder for checkpoints that outlives an attempt, as tasks see it. Vertex: "
        "gs://BUCKET/FOLDER; empty: `pipeline_root`/scratch",
    )
    parallel_members: Integer = Field(default=0, ge=0, description="number of members at a time; 0 for all")
    defaults: Task = Task()
    tasks: Tasks = Tasks()
    kubeflow: Kubeflow = Kubeflow()
    vertex: Vertex = Vertex()

    def task(self, component: str) -> Task:
        """Returns the settings of one task: its own keys, and the defaults for the rest."""
        own: Task = getattr(self.tasks, component)
        keys = {key: getattr(own, key) for key in own.model_fields_set}
        if component in _NEVER_CACHED:
            keys["cache"] = False
        return self.defaults.model_copy(update=keys)

    def mounts(self, path: str) -> bool:
        """Whether an absolute path lies on storage that every task of a cluster sees and that outlives it."""
        path = os.path.normpath(path)
        if self.name == "vertex":
            return path.startswith("/gcs/")
        places = [*self.kubeflow.mounts, *([self.scratch] if self.kubeflow.scratch_claim else [])]
        return any(Path(path).is_relative_to(place) for place in places)

    @property
    def mounted(self) -> str:
        """Names the places of such storage in error texts."""
        if self.name == "vertex":
            return "a path below /gcs/BUCKET, where tasks see buckets"
        return "a path below `scratch` with `kubeflow.scratch_claim`, or below one of `kubeflow.mounts`"


# Settings without effect on a target are refused, since a setting that is silently ignored misleads.
_EVERYWHERE = {"retries", "cache", "environment", "processes"}
_CLUSTER = _EVERYWHERE | {"cpu", "memory", "accelerator", "accelerators", "timeout"}
_HONOURED: dict[TargetName, set[str]] = {
    "local": _EVERYWHERE,
    "kubeflow": _CLUSTER | {"node_selector", "tolerations", "shared_memory", "secrets"},
    "vertex": (_CLUSTER - {"processes"})
    | {"machine_type", "replicas", "tpu_topology", "spot", "disk_gigabytes", "processes"},
}
# Their result depends on more than their inputs: the images at a source, the models being served, the machine
# that measures.
_NEVER_CACHED = {"source_fingerprint", "evaluator", "infra_validator", "pusher"}
_SEVERAL_MACHINES = {"supernet_trainer", "joint_search"}


def load_target(name_or_path: str, overrides: Iterable[str] = ()) -> Target:
    """Loads a target.

    Args:
      name_or_path: "local", "kubeflow", "vertex", or the path of a YAML file with a target's keys.
      overrides: "dotted.key=value" texts, for example "tasks.joint_search.accelerators=2".

    Returns:
      The target.

    Raises:
      ScaleNetError: If a key is unknown, wrong, or without effect on this target; the text names it.

    Example:
      >>> load_target("vertex", ["tasks.supernet_trainer.replicas=4"]).task("supernet_trainer").replicas
      4
    """
    text = read_shipped("target", name_or_path, NAMES, "pipelines.targets")
    with nothing_quoted("target", name_or_path):
        target = _with_task_paths(parse_typed(Target, "target", text, overrides, name_or_path))
    for component in Tasks.model_fields:
        _check(target, component)
    return target


def _with_task_paths(target: Target) -> Target:
    """Returns the target with paths as its tasks see them."""
    scratch, root = target.scratch, target.pipeline_root
    if target.name == "local":
        for key, path in (("pipeline_root", root), ("scratch", scratch)):
            if "://" in path:
                _refuse(key, path, "must be a folder of this machine; --push takes a URL")
        return target
    if target.name == "vertex":
        # Preempted machines resume from there, and Vertex AI mounts every bucket.
        scratch = scratch or (f"{root.rstrip('/')}/scratch" if root.startswith("gs://") else "")
        scratch = re.sub("^gs://", "/gcs/", scratch)
        if scratch and not re.match("/gcs/[^/]", scratch):
            _refuse("scratch", scratch, "must be gs://BUCKET/FOLDER: other folders end with the machine")
    if scratch and not scratch.startswith("/"):
        _refuse("scratch", scratch, "must be the absolute path of a volume that every task has")
    target = target.model_copy(update={"scratch": scratch})
    if target.name == "kubeflow" and scratch and not target.mounts(scratch):
        _refuse(
            "scratch",
            scratch,
            "needs `kubeflow.scratch_claim`, the volume that is mounted there, or `kubeflow.mounts` if the "
            "cluster mounts one itself: checkpoints would be lost with the pod",
        )
    return target


def _check(target: Target, component: str) -> None:
    task, key = target.task(component), f"tasks.{component}"
    without = sorted(task.model_fields_set - _HONOURED[target.name])
    if without:
        raise InvalidInputError(
            f"`{key}.{without[0]}` has no effect on the target {target.name}. It takes: "
            f"{', '.join(sorted(_HONOURED[target.name]))}. Leave it out."
        )
    own: Task = getattr(target.tasks, component)
    if component in _NEVER_CACHED and "cache" in own.model_fields_set and own.cache:
        _refuse(f"{key}.cache", True, "must be false: the step looks at what no input says")
    if task.processes and component != "joint_search":
        _refuse(f"{key}.processes", task.processes, "is the search's alone: leave it out")
    if task.replicas > 1 and component not in _SEVERAL_MACHINES:
        _refuse(
            f"{key}.replicas", task.replicas, "must be 1: supernet_trainer and joint_search alone share work"
        )
    if task.replicas > 1 and not target.scratch:
        _refuse(f"{key}.replicas", task.replicas, "needs `scratch`, a folder that the machines share")
    if task.replicas > 1 and task.processes:
        _refuse(f"{key}.processes", task.processes, f"must be 0 beside replicas {task.replicas}")
    custom = task.model_fields_set & {"replicas", "tpu_topology", "spot", "disk_gigabytes", "timeout"}
    if custom and target.name == "vertex" and not task.machine_type:
        _refuse(f"{key}.{min(custom)}", getattr(task, min(custom)), "needs `machine_type` beside it")
    if target.kubeflow.scratch_claim and not target.scratch:
        _refuse(
            "kubeflow.scratch_claim", target.kubeflow.scratch_claim, "needs `scratch`, the path of its mount"
        )
    if task.accelerator and (target.name == "vertex") == ("/" in task.accelerator):
        example = "NVIDIA_L4" if target.name == "vertex" else "nvidia.com/gpu"
        _refuse(f"{key}.accelerator", task.accelerator, f"must be a name of {target.name}, such as {example}")


def _refuse(key: str, received: Any, why: str) -> typing.NoReturn:
    raise InvalidInputError(f"`{key}` {why}. Received: {received}")
