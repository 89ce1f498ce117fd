"""The joint search of base and scaling: TFX's Tuner."""

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
    """Searches a base and a scaling for each stage; takes its journal up where `scratch` holds one.

    Args:
      examples: Of ExampleGen.
      supernet: Of SupernetTrainer.
      result: result.json, best_hyperparameters.txt, tuner_results.json.
      metrics: Fitness, trials, score of each stage.
      config: A shipped configuration's name, or the YAML text of one; the super-supernet's where "".
      workers: Processes that score beside the one that keeps the search; 0 to search in one process.
      scratch: Folder that outlives an attempt, on storage that several machines share; "" for none.
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
