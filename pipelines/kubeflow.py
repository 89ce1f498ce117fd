"""Runs and schedules on Kubeflow Pipelines."""

from __future__ import annotations

from typing import Any

from pipelines.parameters import Parameters
from pipelines.rehearsal import Print, Rehearsal
from pipelines.target import Target


def make_client(target: Target, rehearse: Print | None) -> Any:
    """Returns KFP's client with this machine's credentials, or a rehearsal that sends nothing."""
    import kfp

    arguments = {"host": target.kubeflow.host or None, "namespace": target.kubeflow.namespace}
    return Rehearsal(kfp.Client, rehearse, **arguments) if rehearse else kfp.Client(**arguments)


def submit(client: Any, target: Target, file: str, parameters: Parameters, name: str) -> str:
    """Starts a run; returns its id."""
    run = client.create_run_from_pipeline_package(
        pipeline_file=file,
        arguments=parameters.arguments,
        run_name=name,
        experiment_name=target.kubeflow.experiment,
        namespace=target.kubeflow.namespace,
        pipeline_root=target.pipeline_root or None,
    )
    return str(run.run_id)


def schedule(client: Any, target: Target, file: str, parameters: Parameters, name: str, cron: str) -> str:
    """Starts a recurring run; returns its id."""
    experiment = client.create_experiment(
        name=target.kubeflow.experiment, namespace=target.kubeflow.namespace
    )
    recurring = client.create_recurring_run(
        experiment_id=experiment.experiment_id,
        job_name=name,
        # Kubeflow's cron begins with seconds.
        cron_expression=f"0 {cron}",
        # Two runs at once would share checkpoints.
        max_concurrency=1,
        no_catchup=True,
        params=parameters.arguments,
        pipeline_package_path=file,
        pipeline_root=target.pipeline_root or None,
    )
    return str(recurring.recurring_run_id)
