"""The longest time that a search can still take: evaluations that may be left, at the speed so far."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scalenet_tf.search.candidates import CandidateBatch
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import SearchProgress
from scalenet_tf.utils.formatting import estimate


def generation_sizes(problem: SearchProblem) -> list[int]:
    """Returns the largest number of evaluations of a generation, by scaling stage."""
    config, size, sizes = problem.config, problem.config.population, []
    for weight in problem.stage_weights():
        if weight == 0:
            sizes.append(0)
            continue
        sizes.append(size)
        if config.halving < 1:
            # An elite goes on whatever its rank.
            size = min(size, math.ceil(config.halving * size) + 1)
    return sizes


def grid_sizes(problem: SearchProblem, first: CandidateBatch | None = None) -> list[int]:
    """Returns the largest number of evaluations of a grid of scalings, by scaling stage.

    Args:
      problem: The search.
      first: The first batch, which knows the scalings that fit some base. Default: all of the menus count.
    """
    sizes = [len(menu.scalings()) for menu in problem.space.menus]
    if first is None or first.phase != "start":
        return sizes
    fitting = {(candidate.scaling_stage, candidate.scaling) for candidate in first.candidates}
    counts = Counter(stage for stage, _ in fitting)
    return [sizes[0], *(counts[stage] for stage in range(1, len(sizes)))]


def most_left(
    problem: SearchProblem, progress: SearchProgress, grid: Sequence[int], waiting: Mapping[int, int]
) -> tuple[int, ...]:
    """Returns the largest number of evaluations that a search can still ask for, by scaling stage.

    It is reached if no score is known already and the chain does not converge. Networks that cannot be scored
    may make it more.

    Args:
      problem: The search.
      progress: Progress of the search.
      grid: Largest number of evaluations of a grid of scalings, by scaling stage.
      waiting: Number of evaluations of the current batch that have no score, by scaling stage.
    """
    if progress.phase in ("confirm", "finished"):
        return (0,) * len(grid)
    sizes = generation_sizes(problem)
    generations = (problem.config.rounds - progress.round) * problem.config.generations
    grids = problem.config.rounds - progress.round
    rest = [0] * len(grid)
    if progress.phase == "base":
        generations += problem.config.generations - progress.generation
        grids += 1
        if progress.rungs > 1:
            active = [stage for stage, size in enumerate(sizes) if size]
            for stage in active[progress.rung :]:
                rest[stage] = sizes[stage]
    return tuple(
        waiting.get(stage, 0) + rest[stage] + generations * sizes[stage] + grids * grid[stage]
        for stage in range(len(grid))
    )


@dataclass(frozen=True)
class Left:
    """A time that is left.

    Attributes:
      seconds: Seconds.
      holds: Whether it is an upper bound at the present speed; a slower search may take longer.
    """

    seconds: float
    holds: bool = True

    def __str__(self) -> str:
        return f"at most {estimate(self.seconds)} left" + ("" if self.holds else " at the earlier speed")


class TimeLeft:
    """An upper bound of the time left, which never rises.

    The time between two results is that of the later one's scaling stage. Results of stages that had none yet
    take time in proportion to their multiply-adds.

    Args:
      stage_macs: Multiply-adds of a network, by scaling stage.
    """

    _SLACK = 1.1  # Estimates up to this factor above the bound are noise.

    def __init__(self, stage_macs: Sequence[float]) -> None:
        self._macs = list(stage_macs)
        self._seconds = [0.0] * len(stage_macs)
        self._results = [0] * len(stage_macs)
        self._last: tuple[float, tuple[int, ...]] | None = None
        self._bound = math.inf
        self._begun: tuple[float, float] | None = None  # Time and share when the training of finalists began.

    def update(self, progress: SearchProgress, now: float) -> Left | None:
        """Takes the progress after a result, at a time in seconds.

        Returns:
          The time left, or None after the first result of a process, which includes its start.
        """
        if self._last is not None:
            then, scored = self._last
            new = [after - before for after, before in zip(progress.scored, scored, strict=True)]
            for stage, count in enumerate(new):
                self._results[stage] += count
                self._seconds[stage] += (now - then) * count / max(sum(new), 1)
        self._last = now, progress.scored
        if not any(self._results):
            return None
        left = [count * self._cost(stage) for stage, count in enumerate(progress.left) if count]
        return self._falling(sum(left))

    def of_share(self, share: float, now: float) -> Left | None:
        """Returns the time left of the finalists' training, at a share of it in [0, 1] and a time in seconds.

        It has a bound of its own.
        """
        if self._begun is None:
            self._begun, self._bound = (now, share), math.inf
        then, before = self._begun
        if share <= before:
            return None
        return self._falling((now - then) * (1 - share) / (share - before))

    def _falling(self, estimate: float) -> Left:
        self._bound = min(self._bound, estimate)
        return Left(self._bound, holds=estimate <= self._SLACK * self._bound)

    def _cost(self, stage: int) -> float:
        """Seconds of a result of a scaling stage."""
        if self._results[stage]:
            return self._seconds[stage] / self._results[stage]
        counted = sum(macs * count for macs, count in zip(self._macs, self._results, strict=True))
        return self._macs[stage] * sum(self._seconds) / counted
