"""Tasks of a target: a component with its image, machine, retries, timeout, caching and environment."""

from __future__ import annotations

import math
from typing import Any

from kfp import dsl, kubernetes

from pipelines.target import Target
from pipelines.task_settings import Task
from pipelines.vertex_job import custom_job, with_image


def make_task(component: Any, target: Target, environment: dict[str, str], **inputs: Any) -> dsl.PipelineTask:
    """Calls a component within a pipeline, and applies the target's settings to its task.

    Args:
      component: A component of `components/`; its name is the entry in the target's file.
      target: Target that the task will run on.
      environment: Environment variables of all tasks, besides the task's own.
      **inputs: Inputs of the component.
    """
    name = component.component_spec.name.replace("-", "_")
    settings = target.task(name)
    variables = {"PYTHONUNBUFFERED": "1", **_threads(settings), **environment, **settings.environment}
    if target.image:
        component = with_image(component, target.image)
    if settings.machine_type:
        # The task itself only starts the job: machine and variables are the job's.
        task = custom_job(component, settings, target, variables)(**inputs)
    else:
        task = component(**inputs)
        _set_machine(task, settings)
        for key, value in variables.items():
            task.set_env_variable(key, value)
    task.set_caching_options(settings.cache)
    if settings.retries:
        task.set_retry(
            settings.retries, backoff_duration="30s", backoff_factor=2, backoff_max_duration="600s"
        )
    if target.name == "kubeflow":
        _set_pod(task, settings, target)
    return task


def _set_machine(task: dsl.PipelineTask, settings: Task) -> None:
    if settings.cpu:
        task.set_cpu_request(f"{settings.cpu:g}").set_cpu_limit(f"{settings.cpu:g}")
    if settings.memory:
        task.set_memory_request(settings.memory).set_memory_limit(settings.memory)
    if settings.accelerator:
        task.set_accelerator_type(settings.accelerator).set_accelerator_limit(settings.accelerators)


def _threads(settings: Task) -> dict[str, str]:
    """Threads of TensorFlow, which would start one for each core of the node, whatever the pod may use."""
    if not settings.cpu or settings.machine_type:
        return {}
    threads = str(math.ceil(settings.cpu))
    return {"TF_NUM_INTRAOP_THREADS": threads, "TF_NUM_INTEROP_THREADS": threads}


def _set_pod(task: dsl.PipelineTask, settings: Task, target: Target) -> None:
    if settings.timeout:
        kubernetes.set_timeout(task, settings.timeout)
    if target.kubeflow.scratch_claim:
        kubernetes.mount_pvc(task, pvc_name=target.kubeflow.scratch_claim, mount_path=target.scratch)
    if settings.shared_memory:
        kubernetes.empty_dir_mount(
            task, "shared-memory", "/dev/shm", medium="Memory", size_limit=settings.shared_memory
        )
    for key, value in settings.node_selector.items():
        kubernetes.add_node_selector(task, key, value)
    for toleration in settings.tolerations:
        kubernetes.add_toleration(task, **toleration.model_dump())
    for variable, source in settings.secrets.items():
        secret, _, key = source.partition("/")
        kubernetes.use_secret_as_env(task, secret_name=secret, secret_key_to_env={key: variable})
