"""Evaluation of a model on the test split, beside the model that is served now."""

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
    balanced_accuracy_lower_bound: float = 0.0,
) -> None:
    """Measures the accuracy of the SavedModel and of a baseline on Split-test.

    Args:
      examples: Examples of ExampleGen.
      model: Model of FamilyTrainer.
      evaluation: evaluation.json with the accuracy, overall and for each class, and that of the baseline.
      blessing: BLESSED or NOT_BLESSED, with reasons in the metadata.
      metrics: Accuracy, balanced accuracy, accuracy of the baseline, blessed (1 or 0).
      baseline_uri: Folder that Pusher writes, whose newest version of this member is the baseline, or a
        SavedModel; "" for no baseline.
      accuracy_lower_bound: Smallest accuracy that is blessed, 0 to 1.
      class_accuracy_lower_bound: Smallest accuracy of a class that is blessed, 0 to 1.
      accuracy_absolute_change: Smallest difference of the accuracy from the baseline's, -1 to 1.
      balanced_accuracy_lower_bound: Smallest mean accuracy of the classes that is blessed, 0 to 1.
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
        balanced_accuracy_lower_bound=balanced_accuracy_lower_bound,
    )
    evaluation.metadata.update(outcome.metadata)
    blessing.metadata.update(outcome.blessing)
    metrics.metadata.update(write_metrics(metrics.path, outcome.metrics))
