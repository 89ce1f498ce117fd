"""Whether a model can be served at all."""

from kfp import dsl

from components.common.base import component


@component
def infra_validator(
    examples: dsl.Input[dsl.Dataset],
    model: dsl.Input[dsl.Model],
    blessing: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
    max_latency_ms: float = 0.0,
    max_memory_mb: float = 0.0,
    max_loading_seconds: float = 300.0,
    num_tries: int = 1,
) -> None:
    """Loads the SavedModel in a fresh process and queries every signature.

    Args:
      examples: Of ExampleGen; some of its images are the queries.
      model: Of FamilyTrainer.
      blessing: INFRA_BLESSED or INFRA_NOT_BLESSED; reasons in the metadata.
      metrics: Latency, memory, seconds of loading, blessed.
      max_latency_ms: Most median milliseconds of one image; 0 for no limit.
      max_memory_mb: Most megabytes (10^6) that the process takes at its height; 0 for no limit.
      max_loading_seconds: After which the process is ended.
      num_tries: How often it may fail to answer.
    """
    from components.common.outcome import write_metrics
    from components.infra_validator import executor

    outcome = executor.validate(
        examples=examples.path,
        model=model.path,
        blessing=blessing.path,
        max_latency_ms=max_latency_ms,
        max_memory_mb=max_memory_mb,
        max_loading_seconds=max_loading_seconds,
        num_tries=num_tries,
    )
    blessing.metadata.update(outcome.metadata)
    metrics.metadata.update(write_metrics(metrics.path, outcome.metrics))
