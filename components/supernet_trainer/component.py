"""Training of the super-supernet."""

from kfp import dsl

from components.common.base import component


@component
def supernet_trainer(
    examples: dsl.Input[dsl.Dataset],
    supernet: dsl.Output[dsl.Model],
    model_run: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
    config: str = "quickstart",
    space: str = "",
    scratch: str = "",
) -> None:
    """Trains the super-supernet; goes on from its checkpoint where `scratch` holds one.

    Args:
      examples: Of ExampleGen; `data.source` of `config` plays no part.
      supernet: Its weights, log and configuration.
      model_run: TensorBoard's files.
      metrics: Loss and accuracy by scaling stage at the end.
      config: A shipped configuration's name, or the YAML text of one.
      space: The YAML text of a space; that of `config` where "".
      scratch: Folder that outlives an attempt, on storage that several workers share; "" for none.
    """
    from components.common.artifact_types import MODEL_RUN
    from components.common.outcome import write_metrics
    from components.supernet_trainer import executor

    outcome = executor.train(
        examples=examples.path,
        supernet=supernet.path,
        model_run=model_run.path,
        config=config,
        space=space,
        scratch=scratch,
    )
    supernet.metadata.update(outcome.metadata)
    model_run.metadata.update({**outcome.metadata, "tfx_type": MODEL_RUN})
    metrics.metadata.update(write_metrics(metrics.path, outcome.metrics))
