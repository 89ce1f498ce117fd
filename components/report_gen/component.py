"""The report of the whole pipeline as one HTML page."""

from typing import List  # noqa: UP035 (kfp reads the annotation)

from kfp import dsl

from components.common.base import component


@component
def report_gen(
    supernet: dsl.Input[dsl.Model],
    result: dsl.Input[dsl.Artifact],
    family: dsl.Input[dsl.Artifact],
    models: dsl.Input[List[dsl.Model]],  # noqa: UP006
    evaluations: dsl.Input[List[dsl.Artifact]],  # noqa: UP006
    compressed_models: dsl.Input[List[dsl.Model]],  # noqa: UP006
    report: dsl.Output[dsl.HTML],
) -> None:
    """Writes the page of `scalenet report` from the artifacts of all steps.

    Args:
      supernet: Super-supernet of SupernetTrainer.
      result: Result of JointSearch.
      family: Family of ScalingExtrapolator.
      models: Models of all FamilyTrainers.
      evaluations: Evaluations of all Evaluators.
      compressed_models: Compressed models of all Compressors.
      report: One HTML file that needs no network.
    """
    from components.report_gen import executor

    outcome = executor.write(
        supernet=supernet.path,
        result=result.path,
        family=family.path,
        models=[model.path for model in models],
        evaluations=[evaluation.path for evaluation in evaluations],
        compressed_models=[model.path for model in compressed_models],
        report=report.path,
    )
    report.metadata.update(outcome.metadata)
