"""Runs and schedules on Vertex AI Pipelines."""

from __future__ import annotations

from typing import Any

from pipelines.parameters import Parameters
from pipelines.rehearsal import Print, Rehearsal
from pipelines.target import Target
from scalenet_tf.errors import InvalidInputError


def check(target: Target) -> None:
    """Raises ScaleNetError if the target lacks a setting that only a run needs."""
    if not target.vertex.project:
        raise InvalidInputError(
            "`vertex.project` must be the id of a project. Received: ''. Give --target-set vertex.project=ID"
        )
    if not target.pipeline_root.startswith("gs://"):
        raise InvalidInputError(
            "`pipeline_root` must be a folder of a bucket: --target-set pipeline_root=gs://BUCKET/FOLDER. "
            f"Received: {target.pipeline_root!r}"
        )


def make_job(target: Target, file: str, parameters: Parameters, name: str, rehearse: Print | None) -> Any:
    """Returns the job with the user's default credentials, or a rehearsal that sends nothing."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import aiplatform

    arguments: dict[str, Any] = {
        "display_name": name,
        "template_path": file,
        "pipeline_root": target.pipeline_root,
        "parameter_values": parameters.arguments,
        "project": target.vertex.project,
        "location": target.vertex.location,
    }
    if rehearse is None:
        return aiplatform.PipelineJob(**arguments)
    try:
        # The class checks region, name and parameters without a network.
        aiplatform.PipelineJob(**arguments, credentials=AnonymousCredentials())
    except ValueError as error:
        raise InvalidInputError(f"Vertex AI refuses the job: {error}") from error
    return Rehearsal(aiplatform.PipelineJob, rehearse, **arguments)


def submit(job: Any, target: Target) -> str:
    """Starts the job; returns its resource name."""
    job.submit(service_account=target.vertex.service_account or None, network=target.vertex.network or None)
    return str(job.resource_name)


def schedule(job: Any, target: Target, name: str, cron: str) -> str:
    """Makes a schedule of the job; returns its resource name."""
    made = job.create_schedule(
        cron=cron,
        display_name=name,
        # Two runs at once would share checkpoints.
        max_concurrent_run_count=1,
        service_account=target.vertex.service_account or None,
        network=target.vertex.network or None,
    )
    return str(made.resource_name)
