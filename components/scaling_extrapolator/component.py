"""The family: its searched and its extrapolated members."""

from typing import List  # noqa: UP035 (kfp reads the annotation)

from kfp import dsl

from components.common.base import component


@component
def scaling_extrapolator(
    result: dsl.Input[dsl.Artifact],
    family: dsl.Output[dsl.Artifact],
    config: str = "",
) -> List[int]:  # noqa: UP006
    """Fits the growth that the search found, and determines every member.

    Args:
      result: Result of JointSearch.
      family: family.json.
      config: Name or YAML text of a configuration; "" for that of the search.

    Returns:
      The scaling stages of the members, S0 first.
    """
    from components.scaling_extrapolator import executor

    outcome = executor.extrapolate(result=result.path, family=family.path, config=config)
    family.metadata.update(outcome.metadata)
    return list(outcome.stages)
