"""The time of a score in the search that is not spent in forward passes."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from benchmarks.common.row import Progress, Row
from scalenet_tf.config import load_config
from scalenet_tf.data import load_data
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.search.scorer import SubnetScorer


class ClockedEvaluator(SubnetEvaluator):
    """An evaluator that adds up the seconds of its forward passes in `seconds`."""

    def __init__(self, supernet: SuperSupernet):
        super().__init__(supernet)
        self.seconds = 0.0
        self._collect = self._clocked(self._collect)
        self._predict = self._clocked(self._predict)

    def _clocked(self, function: Any) -> Any:
        def call(*arguments: Any) -> Any:
            begun = time.perf_counter()
            result = function(*arguments)
            self.seconds += time.perf_counter() - begun
            return result

        return call


def candidate_row(count: int, seed: int) -> list[Row]:
    """The fraction of a score's time outside its forward passes, with the search of `quickstart`.

    Args:
      count: Number of candidates.
      seed: Seed of the candidates.
    """
    config = load_config("quickstart")
    data = load_data(config.data, seed)
    space = load_space(config.space).for_data(data.info.channels, len(data.info.labels))
    net = SuperSupernet(space, seed, config.supernet.sharing)
    scorer = SubnetScorer(net, data, config.search, seed)
    clocked = scorer.evaluator = ClockedEvaluator(net)
    progress = Progress("candidates", count)
    seen: set[int] = set()
    found = []
    for number in range(count):
        subnet = draw_subnet(space, seed, number).subnet
        if subnet.resolution not in seen:  # Its images are read once per search.
            scorer.score(subnet)
            seen.add(subnet.resolution)
        clocked.seconds = 0.0
        begun = time.perf_counter()
        scorer.score(subnet)
        total = time.perf_counter() - begun
        found.append({"seconds": round(total, 4), "outside": round(1 - clocked.seconds / total, 4)})
        progress.advance(f"{100 * found[-1]['outside']:.1f} % outside")
    percent = 100 * median(one["outside"] for one in found)
    note = f"median of {count} candidates of {median(one['seconds'] for one in found):.2f} s"
    what = "candidate evaluation outside forward passes, quickstart's search"
    return [Row(what, 10, round(percent, 2), "%", note, {"candidates": found})]
