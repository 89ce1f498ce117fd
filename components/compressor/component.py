"""A member made smaller."""

from kfp import dsl

from components.base import component


@component
def compressor(
    examples: dsl.Input[dsl.Dataset],
    model: dsl.Input[dsl.Model],
    compressed_model: dsl.Output[dsl.Model],
    metrics: dsl.Output[dsl.Metrics],
    method: str = "ptq-int8",
    scratch: str = "",
) -> None:
    """Writes a compressed .tflite of the member, measured beside its source.

    Args:
      examples: Of ExampleGen.
      model: Of FamilyTrainer.
      compressed_model: model.tflite and metrics.json.
      metrics: Accuracy, bytes and latency, before and after.
      method: ptq-int8, ptq-float16, qat-int8, prune or cluster.
      scratch: Folder that outlives an attempt; "" for none.
    """
    from components.compressor import executor
    from components.outcome import write_metrics

    outcome = executor.compress(
        examples=examples.path,
        model=model.path,
        compressed_model=compressed_model.path,
        method=method,
        scratch=scratch,
    )
    compressed_model.metadata.update(outcome.metadata)
    metrics.metadata.update(write_metrics(metrics.path, outcome.metrics))
