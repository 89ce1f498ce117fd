"""Settings of the tasks of a target, as its YAML file has them."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from scalenet_tf.utils.inputs import Integer, Real, Text
from scalenet_tf.utils.value import Value

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
