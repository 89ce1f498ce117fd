"""Publication of a blessed model to the folder that it is served from."""

from kfp import dsl

from components.common.base import component


@component
def pusher(
    model: dsl.Input[dsl.Model],
    evaluation_blessing: dsl.Input[dsl.Artifact],
    infra_blessing: dsl.Input[dsl.Artifact],
    pushed: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
    destination: str,
) -> None:
    """Copies the SavedModel to DESTINATION/sN/VERSION if it has both blessings, and reports why if not.

    Args:
      model: Model of FamilyTrainer.
      evaluation_blessing: Blessing of Evaluator.
      infra_blessing: Blessing of InfraValidator.
      pushed: pushed.json, with pushed (1 or 0), pushed_destination, pushed_version and reasons as metadata.
      metrics: pushed and pushed_version.
      destination: Local path, or URL such as gs://BUCKET/models.
    """
    from components.common.outcome import write_metrics
    from components.pusher import executor

    outcome = executor.push(
        model=model.path,
        evaluation_blessing=evaluation_blessing.path,
        infra_blessing=infra_blessing.path,
        pushed=pushed.path,
        destination=destination,
    )
    pushed.metadata.update(outcome.metadata)
    metrics.metadata.update(write_metrics(metrics.path, outcome.metrics))
