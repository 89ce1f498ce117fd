"""Training and export of one member of the family."""

from kfp import dsl

from components.common.base import component


@component
def family_trainer(
    examples: dsl.Input[dsl.Dataset],
    supernet: dsl.Input[dsl.Model],
    family: dsl.Input[dsl.Artifact],
    model: dsl.Output[dsl.Model],
    metrics: dsl.Output[dsl.Metrics],
    stage: int = 0,
    config: str = "",
    scratch: str = "",
) -> None:
    """Trains the member of one scaling stage and exports it; resumes from the last epoch in `scratch`.

    Args:
      examples: Examples of ExampleGen.
      supernet: Super-supernet of SupernetTrainer, whose weights a searched member inherits.
      family: Family of ScalingExtrapolator.
      model: A SavedModel in Format-Serving/, and the files of the member.
      metrics: Accuracies, epochs, parity and latency.
      stage: Scaling stage of the member.
      config: Name or YAML text of a configuration; "" for that of the family.
      scratch: Folder for work that outlives an attempt; "" for none.
    """
    from components.common.outcome import write_metrics
    from components.family_trainer import executor

    outcome = executor.train(
        examples=examples.path,
        supernet=supernet.path,
        family=family.path,
        model=model.path,
        stage=int(stage),
        config=config,
        scratch=scratch,
    )
    model.metadata.update(outcome.metadata)
    metrics.metadata.update(write_metrics(metrics.path, outcome.metrics))
