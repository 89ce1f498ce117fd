"""Check that a model can be served."""

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
    """Loads the SavedModel in a new process and queries every signature.

    Args:
      examples: Examples of ExampleGen, some of which are the queries.
      model: Model of FamilyTrainer.
      blessing: INFRA_BLESSED or INFRA_NOT_BLESSED, with reasons in the metadata.
      metrics: Latency, memory, loading time, blessed (1 or 0).
      max_latency_ms: Largest median latency of one image in milliseconds; 0 for no limit.
      max_memory_mb: Largest peak memory of the process in megabytes (10^6 bytes); 0 for no limit.
      max_loading_seconds: Largest loading time in seconds, after which the process is ended.
      num_tries: Number of attempts, at least 1.
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
