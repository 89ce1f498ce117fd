"""The joint search of a base architecture and of a scaling for each scaling stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.search.best import Limits as Limits
    from scalenet_tf.search.best import StageTrial as StageTrial
    from scalenet_tf.search.best import best_of_stage as best_of_stage
    from scalenet_tf.search.mcea import Mcea as Mcea
    from scalenet_tf.search.oracle import ScaleNetOracle as ScaleNetOracle
    from scalenet_tf.search.problem import SearchProblem as SearchProblem
    from scalenet_tf.search.step import run_search as run_search
    from scalenet_tf.search.tuner import ScaleNetTuner as ScaleNetTuner

_HOMES = {
    "Limits": "best",
    "Mcea": "mcea",
    "ScaleNetOracle": "oracle",
    "ScaleNetTuner": "tuner",
    "SearchProblem": "problem",
    "StageTrial": "best",
    "best_of_stage": "best",
    "run_search": "step",
}
__all__ = [
    "Limits",
    "Mcea",
    "ScaleNetOracle",
    "ScaleNetTuner",
    "SearchProblem",
    "StageTrial",
    "best_of_stage",
    "run_search",
]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
