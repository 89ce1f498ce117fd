"""Markov-chain evolutionary search (MCEA; paper, section 3.3) as ask and tell.

The algorithm is in `chain`. Here are the numbering of evaluations, the cache by phenotype, the archive,
and the state: what was told is all of it, since everything else follows from that.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import Any

from scalenet_tf.config import SearchConfig
from scalenet_tf.costs.bases import encode
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.search.candidates import Batch, Scores, phenotypes
from scalenet_tf.search.chain import run_chain
from scalenet_tf.search.identity import deciding
from scalenet_tf.search.pareto_archive import ParetoArchive
from scalenet_tf.search.values import Evaluation, Progress, Scored, State, came_back
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.criteria import NO_CRITERIA, Criteria
from scalenet_tf.utils.digest import json_digest


class Mcea:
    """The joint search of a base and the scaling of each stage.

    Evaluations come in batches (a heat of a generation, or a grid of scalings). All of a batch are fixed
    before the first is told, tells may come in any order, and the next batch begins when all are told. So
    what is asked is a pure function of (space, config, seed, scores). No phenotype is asked twice.

    Args:
      space: The space, with channels and classes of the data.
      config: Rounds, generations, rates; images and batch sizes play no part here.
      seed: Any integer >= 0.
      criteria: The user's own constraints and objective. Scores are accuracies all the same: in tells, in
        the archive and in states; what ranks candidates, and a state's fitness, is the objective's value.
      start: Where the chain begins; at random where None.

    Raises:
      ScaleNetError: where the space cannot meet its budgets, or the stage weights or `start` do not fit it.

    Example:
      >>> search = Mcea(space, SearchConfig(), seed=0)
      >>> while not search.finished:
      ...     evaluation = search.ask()
      ...     search.tell(evaluation.number, score(evaluation.subnet))
      >>> search.best.base
    """

    def __init__(
        self,
        space: SearchSpace,
        config: SearchConfig,
        seed: int,
        criteria: Criteria = NO_CRITERIA,
        start: WarmStart | None = None,
    ) -> None:
        self._space, self._config, self._seed, self._criteria = space, config, seed, criteria
        self._start = start
        self._scores: dict[bytes, float | None] = {}  # by phenotype
        self._values: dict[bytes, float | None] = {}  # by phenotype: what the objective makes of them
        self._told: dict[int, float | None] = {}  # by number
        self._best_by_stage: list[float | None] = [None] * len(space.menus)
        self._archive = ParetoArchive(space.budget.latency)
        self._trajectory: list[State] = []
        self._next_number = 0
        self._cache_hits = 0
        self._chain = run_chain(space, config, seed, criteria, start)
        self._batch: Batch | None = None
        self._keys: list[bytes] = []  # phenotypes of the batch's candidates
        self._size = 0
        self._open: dict[int, tuple[bytes, Evaluation]] = {}  # not told, with phenotypes
        self._queue: deque[Evaluation] = deque()  # not asked
        self._advance(None)

    def ask(self) -> Evaluation | None:
        """The next evaluation; None while others must be told first, or when the search is finished."""
        while self._queue:
            evaluation = self._queue.popleft()
            if evaluation.number in self._open:
                return evaluation
        return None

    def tell(self, number: int, score: float | None) -> None:
        """Takes the score of an evaluation, once.

        Args:
          number: The evaluation's.
          score: Its accuracy; None where it could not be scored: it then ranks last.

        Raises:
          ScaleNetError: for a number that is not open, a score that is not finite, an objective that gives
            no number, or a generation of which nothing could be scored.
        """
        if number not in self._open:
            raise InvalidInputError(f"`number` must be one of {sorted(self._open)[:8]} …. Received: {number}")
        if score is not None and not math.isfinite(score):
            raise InvalidInputError(f"`score` must be finite, or None where there is none. Received: {score}")
        key, evaluation = self._open[number]
        value = score
        if score is not None and self._criteria.objective is not None:
            value = self._criteria.value(evaluation.subnet, score)
        del self._open[number]
        self._told[number] = self._scores[key] = score
        self._values[key] = value
        if score is not None:
            self._archive.add(Scored(evaluation, score))
            best = self._best_by_stage[evaluation.stage]
            self._best_by_stage[evaluation.stage] = score if best is None else max(best, score)
        if not self._open:
            self._advance([self._values[key] for key in self._keys])

    @property
    def finished(self) -> bool:
        return self._batch is None

    @property
    def settled(self) -> bool:
        """Whether the search ended at a state that it had been in before: more rounds change nothing."""
        states = [(state.base, state.scalings) for state in self._trajectory]
        return self.finished and came_back(states, self._config.restarts)

    @property
    def best(self) -> State | None:
        """The state of the chain with the highest fitness; of equals the first; None in the first round."""
        return max(self._trajectory, key=lambda state: state.fitness, default=None)

    @property
    def trajectory(self) -> tuple[State, ...]:
        """The state after each round."""
        return tuple(self._trajectory)

    @property
    def archive(self) -> tuple[Scored, ...]:
        """The scored subnets that none beats in multiply-adds, latency where tabled, and score."""
        return self._archive.items

    @property
    def progress(self) -> Progress:
        """How far the search is."""
        batch = self._batch
        return Progress(
            round=batch.round if batch else len(self._trajectory),
            rounds=self._config.rounds,
            phase=batch.phase if batch else "finished",
            generation=batch.generation if batch else 0,
            generations=self._config.generations,
            heat=batch.heat if batch else 1,
            heats=batch.heats if batch else 1,
            done=self._size - len(self._open),
            total=self._size,
            told=len(self._told),
            cache_hits=self._cache_hits,
            best=tuple(self._best_by_stage),
        )

    def state(self) -> dict[str, Any]:
        """The search so far as a JSON value: see `from_state`."""
        told = [[number, self._told[number]] for number in sorted(self._told)]
        return {"schema": 1, "digest": self._digest, "told": told}

    @classmethod
    def from_state(
        cls,
        space: SearchSpace,
        config: SearchConfig,
        seed: int,
        state: dict[str, Any],
        criteria: Criteria = NO_CRITERIA,
        start: WarmStart | None = None,
    ) -> Mcea:
        """Restores a search; what was asked and not told is asked again.

        With more rounds than the state's search had, it goes on from its end.

        Raises:
          ScaleNetError: if `state` is of another space, configuration, seed, other criteria or another start.
        """
        search = cls(space, config, seed, criteria, start)
        if state.get("schema") != 1 or state.get("digest") != search._digest:
            raise InvalidInputError(
                "`state` must come from a search of the same space, configuration and seed, and with "
                "the same criteria and warm start. "
                "Resume with those, or begin a new search in another directory."
            )
        for number, score in state["told"]:
            search.tell(number, score)
        return search

    def _advance(self, scores: Scores | None) -> None:
        """Goes on to the next batch that needs evaluations."""
        try:
            while True:
                event = self._chain.send(scores) if scores is not None else next(self._chain)
                if isinstance(event, State):
                    self._trajectory.append(self._with_accuracies(event))
                    scores = None
                    continue
                self._begin(event)
                if self._open:
                    return
                scores = [self._values[key] for key in self._keys]
        except StopIteration:
            self._batch, self._size = None, 0

    def _with_accuracies(self, state: State) -> State:
        """The state with accuracies in place of the objective's values."""
        base = encode(self._space, [state.base])
        keys = [phenotypes(self._space, base, scaling)[0] for scaling in state.scalings]
        scores = [
            None if value is None else self._scores[key]
            for key, value in zip(keys, state.scores, strict=True)
        ]
        return replace(state, scores=tuple(scores))

    def _begin(self, batch: Batch) -> None:
        self._batch, self._keys = batch, []
        new: set[bytes] = set()
        for candidate in batch.candidates:
            key = candidate.phenotype
            self._keys.append(key)
            if key in self._scores or key in new:
                self._cache_hits += 1
                continue
            new.add(key)
            evaluation = Evaluation(
                self._next_number,
                candidate.stage,
                candidate.base,
                candidate.scaling,
                self._space,
                candidate.macs,
            )
            self._open[self._next_number] = (key, evaluation)
            self._next_number += 1
        self._size = len(self._open)
        self._queue = deque(evaluation for _, evaluation in self._open.values())

    @property
    def _digest(self) -> str:
        """Of all that decides what is asked; of a user's own rules their names."""
        decided = [self._space.model_dump(mode="json"), deciding(self._config), self._seed]
        start = [self._start.digest] if self._start else []
        return json_digest([*decided, *self._criteria.names, *start])
