"""Targets: where a pipeline runs, and the machines and settings of each task there; one YAML file each."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field, field_validator

from scalenet_tf.config import parse_typed
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.inputs import Integer, Real, Text
from scalenet_tf.utils.resources import nothing_quoted, read_shipped
from scalenet_tf.utils.value import Value

TargetName = Literal["local", "kubeflow", "vertex"]
NAMES: tuple[TargetName, ...] = typing.get_args(TargetName)
Texts = dict[Text, Text]
_SECRET = re.compile(r"(KEY|TOKEN|PASSWORD|SECRET|CREDENTIALS?)$", re.IGNORECASE)


class Toleration(Value):
    """A Kubernetes toleration."""

    key: Text | None = None
    operator: Literal["Equal", "Exists"] = "Equal"
    value: Text | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None


class Task(Value):
    """Settings of one task; omitted keys come from the target's `defaults`."""

    cpu: Real | None = Field(default=None, gt=0, description="CPU cores")
    memory: Text | None = Field(
        default=None, pattern=r"^[1-9]\d*[KMGT]i?$", description="memory, for example 16G"
    )
    accelerator: Text | None = Field(
        default=None,
        pattern=r"^([a-z0-9.-]+/[a-z0-9.-]+|(NVIDIA|TPU)_[A-Z0-9_]+)$",
        description="accelerator type: nvidia.com/gpu or google.com/tpu on Kubeflow, NVIDIA_… on Vertex",
    )
    accelerators: Integer = Field(default=1, ge=1, description="number of accelerators per pod or machine")
    retries: Integer = Field(default=0, ge=0, le=10)
    timeout: Integer | None = Field(default=None, ge=1, description="maximum seconds of an attempt")
    cache: bool = Field(default=True, description="reuse the output of an identical task that succeeded")
    environment: Texts = Field(default={}, description="environment variables; never a credential")
    processes: Integer = Field(
        default=0, ge=0, description="joint_search only: workers beside the chief, in one pod"
    )
    machine_type: Text | None = Field(default=None, description="Vertex: machine type, such as g2-standard-8")
    replicas: Integer = Field(default=1, ge=1, description="Vertex: number of machines, including the chief")
    tpu_topology: Text | None = Field(
        default=None,
        pattern=r"^\d+x\d+(x\d+)?$",
        description="Vertex: topology of the TPU slice, for example 2x4",
    )
    spot: bool = Field(default=False, description="Vertex: use spot machines")
    disk_gigabytes: Integer = Field(
        default=100, ge=10, description="Vertex: disk size of each machine of a custom job"
    )
    node_selector: Texts = Field(default={}, description="Kubeflow: labels that the node must have")
    tolerations: tuple[Toleration, ...] = Field(default=(), description="Kubeflow: tolerated taints")
    shared_memory: Text | None = Field(
        default=None, pattern=r"^[1-9]\d*[KMGT]i$", description="Kubeflow: size of /dev/shm"
    )
    secrets: Texts = Field(default={}, description="Kubeflow: environment variables from SECRET/KEY")

    @field_validator("environment")
    @classmethod
    def _no_credentials(cls, environment: dict[str, str]) -> dict[str, str]:
        found = sorted(name for name in environment if _SECRET.search(name))
        if found:
            raise ValueError(
                f"{found[0]} names a credential, which no file may hold. Give a service account the right, "
                "or on Kubeflow name a secret of the cluster under `secrets`"
            )
        return environment

    @field_validator("secrets")
    @classmethod
    def _name_a_key(cls, secrets: dict[str, str]) -> dict[str, str]:
        for variable, source in secrets.items():
            if not all(source.partition("/")):
                raise ValueError(f"{variable} must read SECRET/KEY")
        return secrets


class Tasks(Value):
    """Settings of the tasks, one entry for each component."""

    source_fingerprint: Task = Task()
    example_gen: Task = Task()
    example_validator: Task = Task()
    supernet_trainer: Task = Task()
    joint_search: Task = Task()
    scaling_extrapolator: Task = Task()
    family_trainer: Task = Task()
    evaluator: Task = Task()
    infra_validator: Task = Task()
    compressor: Task = Task()
    pusher: Task = Task()
    report_gen: Task = Task()


class Kubeflow(Value):
    """Installation of Kubeflow Pipelines."""

    host: Text = Field(default="", description="address of the API; empty: the cluster of the client")
    namespace: Text = Field(default="kubeflow", description="namespace of the user")
    experiment: Text = Field(default="scalenet", description="experiment that runs are listed under")
    scratch_claim: Text | None = Field(
        default=None, description="persistent volume claim (ReadWriteMany) mounted at `scratch`"
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
        description="folder for checkpoints that outlives an attempt, as tasks see it. Vertex: also "
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
    if scratch and not scratch.startswith("/"):
        _refuse("scratch", scratch, "must be the absolute path of a volume that every task has")
    return target.model_copy(update={"scratch": scratch})


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
