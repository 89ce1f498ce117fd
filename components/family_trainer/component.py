"""Training and export of one member."""

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
    """Trains the member of one scaling stage and exports it; goes on from its last epoch in `scratch`.

    Args:
      examples: Of ExampleGen.
      supernet: Of SupernetTrainer, whose weights a searched member inherits.
      family: Of ScalingExtrapolator.
      model: Format-Serving/, a SavedModel; the member's own files.
      metrics: Accuracies, epochs, parity and latency.
      stage: Scaling stage of the member.
      config: A shipped configuration's name, or the YAML text of one; the family's where "".
      scratch: Folder that outlives an attempt; "" for none.
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
