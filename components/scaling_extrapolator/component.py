"""The family: the searched members and the extrapolated ones."""

from typing import List  # noqa: UP035 (kfp reads the annotation)

from kfp import dsl

from components.common.base import component


@component
def scaling_extrapolator(
    result: dsl.Input[dsl.Artifact],
    family: dsl.Output[dsl.Artifact],
    config: str = "",
) -> List[int]:  # noqa: UP006
    """Fits the growth that the search found, and settles every member.

    Args:
      result: Of JointSearch.
      family: family.json.
      config: A shipped configuration's name, or the YAML text of one; the search's where "".

    Returns:
      The members' scaling stages, S0 first.
    """
    from components.scaling_extrapolator import executor

    outcome = executor.extrapolate(result=result.path, family=family.path, config=config)
    family.metadata.update(outcome.metadata)
    return list(outcome.stages)
