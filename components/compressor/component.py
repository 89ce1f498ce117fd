"""Compression of a member."""

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
    """Writes a compressed .tflite file of the member for each method, and measures it beside the float file.

    Args:
      examples: Examples of ExampleGen.
      model: Model of FamilyTrainer.
      compressed_models: METHOD/model.tflite and METHOD/metrics.json.
      metrics: Accuracy, bytes and latency before and after, for each method.
      methods: Some of ptq-int8, ptq-float16, qat-int8, prune and cluster; an empty list compresses nothing.
      scratch: Folder for work that outlives an attempt; "" for none.
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
