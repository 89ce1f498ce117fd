"""Components as custom jobs of Vertex AI: machine types, replicas, spot, TPU slices, timeouts."""

from __future__ import annotations

from typing import Any

import yaml
from kfp import components

from pipelines.target import Target
from pipelines.task_settings import Task
from scalenet_tf.errors import ScaleNetError


def with_image(component: Any, image: str) -> Any:
    """Returns the component with another image."""
    spec = _spec(component)
    (executor,) = spec["deploymentSpec"]["executors"].values()
    executor["container"]["image"] = image
    return _load(spec)


def custom_job(component: Any, settings: Task, target: Target, environment: dict[str, str]) -> Any:
    """Returns a component with the same inputs and outputs that runs as a custom job.

    Args:
      component: Component to run, with its image.
      settings: Settings of its task, including `machine_type`.
      target: Target with the service account and network of the job.
      environment: Environment variables of every replica.

    Raises:
      ScaleNetError: If google-cloud-pipeline-components is not installed.
    """
    try:
        from google_cloud_pipeline_components.v1.custom_job import create_custom_training_job_from_component
    except ImportError as error:
        raise ScaleNetError(
            "the target vertex needs google-cloud-pipeline-components, which is not installed. "
            'Install it with: pip install "scalenet-tf[vertex]"'
        ) from error
    job = create_custom_training_job_from_component(
        component,
        machine_type=settings.machine_type,
        accelerator_type=settings.accelerator or "",
        accelerator_count=settings.accelerators,
        replica_count=settings.replicas,
        boot_disk_size_gb=settings.disk_gigabytes,
        timeout=f"{settings.timeout or 604_800}s",
        strategy="SPOT" if settings.spot else "STANDARD",
        # Training resumes from its checkpoint only if all workers restart together.
        restart_job_on_worker_restart=settings.replicas > 1,
        service_account=target.vertex.service_account,
        network=target.vertex.network,
        env=[{"name": name, "value": value} for name, value in environment.items()],
    )
    if settings.tpu_topology is None:
        return job
    spec = _spec(job)
    for part in (spec["root"], *spec["components"].values()):
        given = part.get("inputDefinitions", {}).get("parameters", {}).get("worker_pool_specs", {})
        for pool in given.get("defaultValue", ()):
            pool["machine_spec"]["tpu_topology"] = settings.tpu_topology
    loaded = _load(spec)
    # The text names the custom job, and so would the task.
    loaded.component_spec.name = component.component_spec.name
    return loaded


def _spec(component: Any) -> dict[str, Any]:
    from google.protobuf import json_format

    spec: dict[str, Any] = json_format.MessageToDict(component.pipeline_spec)
    return spec


def _load(spec: dict[str, Any]) -> Any:
    return components.load_component_from_text(yaml.safe_dump(spec))
