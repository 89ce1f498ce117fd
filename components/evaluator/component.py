"""Whether a model is good enough, and no worse than the one that serves."""

from kfp import dsl

from components.common.base import component


@component
def evaluator(
    examples: dsl.Input[dsl.Dataset],
    model: dsl.Input[dsl.Model],
    evaluation: dsl.Output[dsl.Artifact],
    blessing: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
    baseline_uri: str = "",
    accuracy_lower_bound: float = 0.0,
    class_accuracy_lower_bound: float = 0.0,
    accuracy_absolute_change: float = -0.01,
) -> None:
    """Measures the SavedModel on Split-test, and a baseline beside it.

    Args:
      examples: Of ExampleGen.
      model: Of FamilyTrainer.
      evaluation: evaluation.json: accuracy, of each class too, and the baseline's.
      blessing: BLESSED or NOT_BLESSED; reasons in the metadata.
      metrics: Accuracy, the baseline's, blessed.
      baseline_uri: Folder that Pusher writes, whose newest version of this member is the baseline, or a
        SavedModel; "" for none.
      accuracy_lower_bound: Least accuracy, 0 to 1.
      class_accuracy_lower_bound: Least accuracy of each class, 0 to 1.
      accuracy_absolute_change: Least of (accuracy - baseline's accuracy), -1 to 1.
    """
    from components.common.outcome import write_metrics
    from components.evaluator import executor

    outcome = executor.evaluate(
        examples=examples.path,
        model=model.path,
        evaluation=evaluation.path,
        blessing=blessing.path,
        baseline_uri=baseline_uri,
        accuracy_lower_bound=accuracy_lower_bound,
        class_accuracy_lower_bound=class_accuracy_lower_bound,
        accuracy_absolute_change=accuracy_absolute_change,
    )
    evaluation.metadata.update(outcome.metadata)
    blessing.metadata.update(outcome.blessing)
    metrics.metadata.update(write_metrics(metrics.path, outcome.metrics))
