"""Markov-chain evolutionary search (MCEA; paper, section 3.3) as ask and tell.

The algorithm is in `chain`. Here are the numbering of evaluations, the cache by phenotype, the archive,
and the state: what was told is all of it, since everything else follows from that.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import Any

from scalenet_tf.costs.bases import encode
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.search.candidates import Batch, Scores, phenotypes
from scalenet_tf.search.chain import run_chain
from scalenet_tf.search.identity import difference, identify
from scalenet_tf.search.pareto_archive import ParetoArchive
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import Evaluation, Progress, Scored, State, came_back


class Mcea:
    """The joint search of a base and the scaling of each stage.

    Evaluations come in batches (a heat of a generation, or a grid of scalings). All of a batch are fixed
    before the first is told, tells may come in any order, and the next batch begins when all are told. So
    what is asked is a pure function of the problem and the scores. No phenotype is asked twice.

    Args:
      problem: What is searched. With an objective in its criteria, scores are accuracies all the same: in
        tells, in the archive and in states; candidates are ranked by the objective's value, which is also the
        fitness of a state.

    Raises:
      ScaleNetError: where the space cannot meet its budgets, or the stage weights or `start` do not fit it.

    Example:
      >>> search = Mcea(SearchProblem(space, SearchConfig(), seed=0))
      >>> while not search.finished:
      ...     evaluation = search.ask()
      ...     search.tell(evaluation.number, score(evaluation.subnet))
      >>> search.best.base
    """

    def __init__(self, problem: SearchProblem) -> None:
        self._problem, space = problem, problem.space
        self._scores: dict[bytes, float | None] = {}  # by phenotype
        self._values: dict[bytes, float | None] = {}  # by phenotype: what the objective makes of them
        self._told: dict[int, float | None] = {}  # by number
        self._best_by_stage: list[float | None] = [None] * len(space.menus)
        self._archive = ParetoArchive(space.budget.latency)
        self._trajectory: list[State] = []
        self._next_number = 0
        self._cache_hits = 0
        self._chain = run_chain(problem)
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
        if score is not None and self._problem.criteria.objective is not None:
            value = self._problem.criteria.value(evaluation.subnet, score)
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
        return self.finished and came_back(states, self._problem.config.restarts)

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
            rounds=self._problem.config.rounds,
            phase=batch.phase if batch else "finished",
            generation=batch.generation if batch else 0,
            generations=self._problem.config.generations,
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
        return {"schema": 2, "search": identify(self._problem), "told": told}

    @classmethod
    def from_state(cls, problem: SearchProblem, state: dict[str, Any]) -> Mcea:
        """Restores a search; what was asked and not told is asked again.

        With more rounds than the state's search had, it goes on from its end.

        Args:
          problem: The search's problem, `rounds` apart.
          state: What `state()` of that search returned.

        Raises:
          ScaleNetError: If `state` belongs to another problem.
        """
        search = cls(problem)
        if state.get("schema") != 2:
            raise ScaleNetError(
                f"`state` must have schema 2, as `Mcea.state` returns. Received: {state!r:.80}"
            )
        if different := difference(state["search"], identify(problem)):
            name, stored, received = different
            raise InvalidInputError(
                f"`state` must come from a search with the same {name}: it was begun with {stored!r}. "
                f"Received: {received!r}. Resume with that one, or begin a new search in another directory."
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
        base = encode(self._problem.space, [state.base])
        keys = [phenotypes(self._problem.space, base, scaling)[0] for scaling in state.scalings]
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
                self._problem.space,
                candidate.macs,
            )
            self._open[self._next_number] = (key, evaluation)
            self._next_number += 1
        self._size = len(self._open)
        self._queue = deque(evaluation for _, evaluation in self._open.values())
