"""The joint search of base and scalings, which is TFX's Tuner."""

from kfp import dsl

from components.common.base import component


@component
def joint_search(
    examples: dsl.Input[dsl.Dataset],
    supernet: dsl.Input[dsl.Model],
    result: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
    config: str = "",
    workers: int = 0,
    scratch: str = "",
) -> None:
    """Searches a base and a scaling for each stage; resumes from the journal in `scratch`.

    Args:
      examples: Examples of ExampleGen.
      supernet: Super-supernet of SupernetTrainer.
      result: result.json, best_hyperparameters.txt, tuner_results.json.
      metrics: Fitness, number of trials, score of each stage.
      config: Name or YAML text of a configuration; "" for that of the super-supernet.
      workers: Number of processes that score candidates, besides the chief; 0 to search in one process.
      scratch: Folder for work that outlives an attempt, on storage that all machines share; "" for none.
    """
    from components.common.outcome import write_metrics
    from components.joint_search import executor

    outcome = executor.search(
        examples=examples.path,
        supernet=supernet.path,
        result=result.path,
        config=config,
        workers=workers,
        scratch=scratch,
    )
    result.metadata.update(outcome.metadata)
    metrics.metadata.update(write_metrics(metrics.path, outcome.metrics))
