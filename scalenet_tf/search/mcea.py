"""`Mcea`: the Markov-chain evolutionary search (paper, section 3.3) with an ask-and-tell interface.

The algorithm itself is in `chain`. This module numbers the evaluations, caches scores by phenotype and keeps
the archive. The scores are the whole state of a search: everything else follows from them.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from scalenet_tf.costs.bases import encode
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.search.candidates import CandidateBatch, Scores, phenotypes
from scalenet_tf.search.chain import run_chain
from scalenet_tf.search.identity import SavedSearch, difference, identify
from scalenet_tf.search.pareto_archive import ParetoArchive
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.time_left import grid_sizes, most_left
from scalenet_tf.search.values import Evaluation, Scored, SearchProgress, State, revisited
from scalenet_tf.utils.value_file import to_json


class Mcea:
    """The joint search of a base architecture and a scaling for each scaling stage.

    Evaluations come in batches: a rung of a generation, or a grid of scalings. A batch is fixed before its
    first score is told, scores may be told in any order, and the next batch begins when all are told. What is
    asked for is therefore a pure function of the problem and the scores. No network is asked for twice.

    Args:
      problem: The search. If its criteria have an objective, candidates are ranked by the objective's value,
        which also gives the fitness of a state. Scores are accuracies all the same: those told, and those in
        the archive and in states.

    Raises:
      ScaleNetError: If the space cannot meet its budgets, or the stage weights or the warm start do not fit
        the space.

    Example:
      >>> search = Mcea(SearchProblem(space, SearchConfig(), seed=0))
      >>> while not search.finished:
      ...     evaluation = search.ask()
      ...     search.tell(evaluation.number, score(evaluation.subnet))
      >>> search.best.base
    """

    def __init__(self, problem: SearchProblem) -> None:
        self._problem = problem
        self._scores: dict[bytes, float | None] = {}  # accuracy, by phenotype
        self._values: dict[bytes, float | None] = {}  # value of the objective, by phenotype
        self._completed: dict[int, float | None] = {}  # accuracy, by number of the evaluation
        self._best_by_stage: list[float | None] = [None] * len(problem.space.menus)
        self._scored_by_stage = [0] * len(problem.space.menus)
        self._open_by_stage: Counter[int] = Counter()
        self._grid = grid_sizes(problem)
        self._archive = ParetoArchive(problem.space.budget.latency)
        self._trajectory: list[State] = []
        self._next_number = self._cache_hits = self._failed = self._round = 0
        self._chain = run_chain(problem)
        self._batch: CandidateBatch | None = None
        self._keys: list[bytes] = []  # phenotypes of the batch
        self._batch_size = 0  # evaluations of the batch, without those that the cache knows
        self._open: dict[int, tuple[bytes, Evaluation]] = {}  # evaluations without a score, by number
        self._queue: deque[Evaluation] = deque()  # evaluations to ask for
        self._advance(None)

    def ask(self) -> Evaluation | None:
        """Returns the next evaluation, or None while scores are missing or when the search is finished."""
        while self._queue:
            evaluation = self._queue.popleft()
            if evaluation.number in self._open:
                return evaluation
        return None

    def tell(self, number: int, score: float | None) -> None:
        """Takes the score of an evaluation, once.

        Args:
          number: Number of the evaluation.
          score: Accuracy of its subnet, or None if it could not be scored: it then ranks last.

        Raises:
          ScaleNetError: If the number is not open, if the score or the value of the objective is not finite,
            or if nothing of a round could be scored before there is a state.
        """
        if number not in self._open:
            raise InvalidInputError(f"`number` must be one of {sorted(self._open)[:8]} …. Received: {number}")
        if score is not None and not math.isfinite(score):
            raise InvalidInputError(f"`score` must be finite, or None if it failed. Received: {score}")
        key, evaluation = self._open[number]
        value = score
        if score is not None and self._problem.criteria.objective is not None:
            value = self._problem.criteria.value(evaluation.subnet, score)
        del self._open[number]
        self._open_by_stage[evaluation.scaling_stage] -= 1
        self._scored_by_stage[evaluation.scaling_stage] += 1
        self._completed[number] = self._scores[key] = score
        self._values[key] = value
        self._failed += score is None
        if score is not None:
            self._archive.add(Scored(evaluation, score))
            stage = evaluation.scaling_stage
            best = self._best_by_stage[stage]
            self._best_by_stage[stage] = score if best is None else max(best, score)
        if not self._open:
            self._advance([self._values[key] for key in self._keys])

    @property
    def finished(self) -> bool:
        """Whether the search is over."""
        return self._batch is None

    @property
    def converged(self) -> bool:
        """Whether the search ended by revisiting a state, so that more rounds would change nothing."""
        states = [(state.base, state.scalings) for state in self._trajectory]
        return self.finished and revisited(states, self._problem.config.restarts)

    @property
    def best(self) -> State | None:
        """The state of highest fitness, the first one of equals; None during the first round."""
        return max(self._trajectory, key=lambda state: state.fitness, default=None)

    @property
    def trajectory(self) -> tuple[State, ...]:
        """The state of the chain after each round."""
        return tuple(self._trajectory)

    @property
    def archive(self) -> tuple[Scored, ...]:
        """The Pareto front of the scored subnets over multiply-adds, score and, with a table, latency."""
        return self._archive.items

    @property
    def accuracies(self) -> Mapping[bytes, float | None]:
        """Accuracy of each scored network, by phenotype; None if it could not be scored."""
        return self._scores

    @property
    def progress(self) -> SearchProgress:
        """Progress of the search."""
        batch = self._batch
        found = SearchProgress(
            round=self._round,
            rounds=self._problem.config.rounds,
            phase=batch.phase if batch else "finished",
            generation=batch.generation if batch else 0,
            generations=self._problem.config.generations,
            rung=batch.rung if batch else 1,
            rungs=batch.rungs if batch else 1,
            done=self._batch_size - len(self._open),
            total=self._batch_size,
            completed=len(self._completed),
            cache_hits=self._cache_hits,
            best=tuple(self._best_by_stage),
            scored=tuple(self._scored_by_stage),
            failed=self._failed,
        )
        return replace(found, left=most_left(self._problem, found, self._grid, self._open_by_stage))

    def to_json(self) -> dict[str, JsonValue]:
        """Returns the search so far as a JSON value, for `from_json`."""
        completed = tuple((number, self._completed[number]) for number in sorted(self._completed))
        return to_json(SavedSearch(search=identify(self._problem), completed=completed))

    @classmethod
    def from_json(cls, problem: SearchProblem, saved: Mapping[str, JsonValue]) -> Mcea:
        """Restores a search. Evaluations without a score are asked for again.

        Args:
          problem: The problem of the saved search. With more `rounds`, the search goes on from its end.
          saved: Value of `to_json`.

        Raises:
          ScaleNetError: If `saved` belongs to another problem.
        """
        search, content = cls(problem), dict(saved)
        try:
            if content.pop("schema", None) != SavedSearch.layout:
                raise ValueError("another schema")
            restored = SavedSearch.model_validate(content)
        except ValueError as error:
            raise InvalidInputError(
                f"`saved` must be a value of `to_json`, schema {SavedSearch.layout}. Received: {saved!r:.80}"
            ) from error
        if different := difference(restored.search, identify(problem)):
            name, stored, received = different
            raise InvalidInputError(
                f"`saved` must come from a search with the same {name}: it was started with {stored!r}. "
                f"Received: {received!r}. Resume with that one, or begin a new search in another directory."
            )
        for number, score in restored.completed:
            search.tell(number, score)
        return search

    def _advance(self, scores: Scores | None) -> None:
        """Sends the scores of a batch to the chain, and begins the next batch that needs evaluations."""
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
            self._batch, self._batch_size = None, 0

    def _with_accuracies(self, state: State) -> State:
        """Returns a state with accuracies in place of the objective's values."""
        space = self._problem.space
        base = encode(space, [state.base])
        keys = [phenotypes(space, base, scaling)[0] for scaling in state.scalings]
        scores = [
            None if value is None else self._scores[key]
            for key, value in zip(keys, state.scores, strict=True)
        ]
        return replace(state, scores=tuple(scores))

    def _begin(self, batch: CandidateBatch) -> None:
        """Opens an evaluation for each candidate of a batch that has not been scored before."""
        self._batch, self._keys, self._round = batch, [], batch.round
        if batch.phase == "start":
            self._grid = grid_sizes(self._problem, batch)
        new: set[bytes] = set()
        for candidate in batch.candidates:
            key = candidate.phenotype
            self._keys.append(key)
            if key in self._scores or key in new:
                self._cache_hits += 1
                continue
            new.add(key)
            base, scaling, stage = candidate.base, candidate.scaling, candidate.scaling_stage
            evaluation = Evaluation(
                self._next_number, stage, base, scaling, self._problem.space, candidate.macs
            )
            self._open[self._next_number] = (key, evaluation)
            self._open_by_stage[stage] += 1
            self._next_number += 1
        self._batch_size = len(self._open)
        self._queue = deque(evaluation for _, evaluation in self._open.values())
