"""A data set that nothing should be trained on ends the run here."""

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
    """Counts, decodes and compares all images; raises with a list of what is wrong.

    Args:
      examples: Of ExampleGen.
      anomalies: anomalies.json.
      metrics: Images and anomalies.
      smallest_class: Fewest train images of a class.
      largest_imbalance: Largest ratio of the largest class of train to the smallest.
      most_corrupt: Images that may be undecodable.
      most_leaks: Images that may stand in several splits.
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
