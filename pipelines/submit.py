"""Starts or schedules a run on a cluster, or rehearses that without sending anything."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pipelines import kubeflow, vertex
from pipelines.compile import compile_pipeline
from pipelines.cron import check_cron
from pipelines.parameters import Parameters
from pipelines.rehearsal import Print
from pipelines.target import Target
from scalenet_tf.errors import InvalidInputError


def submit(
    target: Target,
    parameters: Parameters,
    name: str,
    *,
    cron: str | None = None,
    rehearse: Print | None = None,
) -> str:
    """Starts a run, or creates a schedule if `cron` is given.

    Args:
      target: Kubeflow or Vertex.
      parameters: Parameters of the run.
      name: Name that the run or schedule is listed under.
      cron: Minute, hour, day, month and weekday; None to start one run now.
      rehearse: Function that prints the client's calls; if given, nothing is sent.

    Returns:
      The id or resource name of the run or schedule.

    Raises:
      ScaleNetError: If the target lacks a setting; nothing is sent.

    Example:
      >>> submit(load_target("kubeflow", ["image=r/scalenet:1"]), parameters, "nightly", rehearse=print)
    """
    if target.image is None or "/" not in target.image:
        raise InvalidInputError(
            f"`image` must be one that {target.name} can pull, with its registry and a tag. "
            f"Received: {target.image}. Give --target-set image=REGISTRY/scalenet-tf-python:COMMIT"
        )
    cron = cron if cron is None else check_cron(cron)
    if target.name == "vertex":
        vertex.check(target)
    with tempfile.TemporaryDirectory() as folder:
        file = compile_pipeline(target, parameters, Path(folder) / "family.yaml")
        if target.name == "vertex":
            job = vertex.make_job(target, file, parameters, name, rehearse)
            return vertex.submit(job, target) if cron is None else vertex.schedule(job, target, name, cron)
        client = kubeflow.make_client(target, rehearse)
        if cron is None:
            return kubeflow.submit(client, target, file, parameters, name)
        return kubeflow.schedule(client, target, file, parameters, name, cron)
