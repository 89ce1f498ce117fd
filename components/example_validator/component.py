"""Validation of a data set before anything is trained on it."""

from kfp import dsl

from components.common.base import component


@component
def example_validator(
    examples: dsl.Input[dsl.Dataset],
    anomalies: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
    smallest_class: int = 2,
    largest_imbalance: float = 100.0,
    most_corrupt: int = 0,
    most_leaks: int = 0,
) -> None:
    """Counts, decodes and compares all images, and fails with a list of all anomalies.

    Args:
      examples: Examples of ExampleGen.
      anomalies: anomalies.json.
      metrics: Number of images in each split, of corrupt images, and of leaks.
      smallest_class: Smallest number of train images of a class.
      largest_imbalance: Largest ratio of the largest class in train to the smallest one.
      most_corrupt: Largest number of images that cannot be decoded.
      most_leaks: Largest number of images that occur in several splits.
    """
    from components.common.outcome import write_metrics
    from components.example_validator import executor

    outcome = executor.validate(
        examples=examples.path,
        anomalies=anomalies.path,
        smallest_class=smallest_class,
        largest_imbalance=largest_imbalance,
        most_corrupt=most_corrupt,
        most_leaks=most_leaks,
    )
    anomalies.metadata.update(outcome.metadata)
    metrics.metadata.update(write_metrics(metrics.path, outcome.metrics))
