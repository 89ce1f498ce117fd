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
    """Trains the super-supernet; resumes from the checkpoint in `scratch`.

    Args:
      examples: Examples of ExampleGen, which replace `data.source` of `config`.
      supernet: Weights, log and configuration of the super-supernet.
      model_run: Files for TensorBoard.
      metrics: Final loss and accuracy of each scaling stage.
      config: Name or YAML text of a configuration.
      space: YAML text of a search space; "" for that of `config`.
      scratch: Folder for work that outlives an attempt, on storage that all workers share; "" for none.
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
