"""A member made smaller."""

from typing import List  # noqa: UP035 (kfp reads the annotation)

from kfp import dsl

from components.common.base import component


@component
def compressor(
    examples: dsl.Input[dsl.Dataset],
    model: dsl.Input[dsl.Model],
    compressed_models: dsl.Output[dsl.Model],
    metrics: dsl.Output[dsl.Metrics],
    methods: List[str] = ["ptq-int8"],  # noqa: B006, UP006
    scratch: str = "",
) -> None:
    """Writes a compressed .tflite of the member by each method, measured beside its source.

    Args:
      examples: Of ExampleGen.
      model: Of FamilyTrainer.
      compressed_models: METHOD/model.tflite and METHOD/metrics.json.
      metrics: Of each method accuracy, bytes and latency, before and after.
      methods: Of ptq-int8, ptq-float16, qat-int8, prune, cluster; none for none.
      scratch: Folder that outlives an attempt; "" for none.
    """
    from components.common.outcome import write_metrics
    from components.compressor import executor

    outcome = executor.compress(
        examples=examples.path,
        model=model.path,
        compressed_models=compressed_models.path,
        methods=methods,
        scratch=scratch,
    )
    compressed_models.metadata.update(outcome.metadata)
    metrics.metadata.update(write_metrics(metrics.path, outcome.metrics))
