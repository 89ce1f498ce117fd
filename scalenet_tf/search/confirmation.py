"""`Confirmation`: asks for short trainings of a search's finalists, and chooses the best one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from scalenet_tf.costs.bases import encode
from scalenet_tf.costs.macs import costs
from scalenet_tf.search.candidates import phenotypes
from scalenet_tf.search.finalists import Finalist, choose_finalists
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.operators import fitness
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.trial_values import decode
from scalenet_tf.search.values import Evaluation, SearchProgress
from scalenet_tf.space import BaseArchitecture, Scaling, Subnet

# The recipe depends on the scaling stage, so equal networks of two stages are two trainings.
Network = tuple[int, bytes]


@dataclass(frozen=True)
class TrainingImages:
    """Images that run through a network in one training.

    Attributes:
      trained: Images of training steps: forward and backward.
      evaluated: Images of evaluations and of recalibration: forward only.
    """

    trained: int
    evaluated: int


class Trainer(Protocol):
    """Trains finalists. `members.confirmation.FinalistTraining` is the product's."""

    @property
    def digest(self) -> str:
        """Digest of everything that determines the training, beside seed, data and super-supernet."""

    def images(self, scaling_stage: int) -> TrainingImages:
        """Returns the number of images of one training."""

    def accuracy(self, subnet: Subnet, scaling_stage: int) -> float:
        """Trains a subnet and returns its accuracy in [0, 1]."""


@dataclass(frozen=True)
class Confirmed:
    """A finalist with the results of its trainings.

    Attributes:
      finalist: The finalist.
      accuracies: Accuracy after training in each scaling stage; None if it failed, or does not count.
      fitness: Weighted mean of the values of these accuracies; NaN if one failed.
    """

    finalist: Finalist
    accuracies: tuple[float | None, ...]
    fitness: float


class Confirmation:
    """The last phase of a search: after the chain has ended, each network of a finalist is trained once.

    It asks for nothing until then, and for nothing at all with `search.confirm: 0`. Results are kept by
    network, so those of an earlier end of the search, before it got more rounds, are used again.

    Args:
      problem: The search.
      search: Core of the search, which is told the scores with shared weights.

    Example:
      >>> while (evaluation := confirmation.ask()) is not None:
      ...     confirmation.tell(evaluation, trainer.accuracy(evaluation.subnet, evaluation.scaling_stage))
      >>> confirmation.chosen.finalist.state.base
    """

    def __init__(self, problem: SearchProblem, search: Mcea) -> None:
        self._problem, self._search = problem, search
        self._finalists: tuple[Finalist, ...] | None = None
        self._needed: dict[Network, Evaluation] = {}  # the longest training first
        self._begun: set[Network] = set()
        self._accuracies: dict[Network, float | None] = {}
        self._values: dict[Network, float | None] = {}  # values of the objective

    def choose(self) -> None:
        """Chooses the finalists, once the chain has ended; does nothing before and after.

        Raises:
          ScaleNetError: If one of the user's callables returns a value of the wrong kind.
        """
        most = self._problem.config.confirm
        if most and self._search.finished and self._finalists is None:
            self._finalists = choose_finalists(self._problem, self._search, most)
            self._needed = self._networks(self._finalists)

    @property
    def finalists(self) -> tuple[Finalist, ...]:
        """The finalists, the best one first; none before the end of the chain."""
        self.choose()
        return self._finalists or ()

    def ask(self) -> Evaluation | None:
        """Returns the next network to train, or None if there is none (yet)."""
        if not self.finalists:
            return None
        for network, evaluation in self._needed.items():
            if network not in self._begun:
                self._begun.add(network)
                return evaluation
        return None

    def resume(self, values: Mapping[str, Any]) -> Evaluation:
        """Returns the training that an earlier process asked for, from the values of its trial."""
        stage, base, scaling = decode(self._problem.space, values)
        evaluation = self._evaluation(stage, base, scaling)
        self._begun.add(self._network(evaluation))
        return evaluation

    def tell(self, evaluation: Evaluation, accuracy: float | None) -> None:
        """Takes the accuracy of a network after its training, or None if it failed.

        Raises:
          ScaleNetError: If the value of the objective is not finite.
        """
        network = self._network(evaluation)
        value = None
        if accuracy is not None:
            value = self._problem.criteria.value(evaluation.subnet, accuracy)
        self._accuracies[network], self._values[network] = accuracy, value

    @property
    def finished(self) -> bool:
        """Whether the chain has ended and no result is missing."""
        if not self._search.finished:
            return False
        return not self.finalists or self._needed.keys() <= self._accuracies.keys()

    @property
    def results(self) -> tuple[Confirmed, ...]:
        """The finalists with their results, in the order of `finalists`."""
        weights, found = self._problem.stage_weights(), []
        for finalist in self.finalists:
            networks = list(enumerate(finalist.phenotypes))
            values = [self._values.get(network) for network in networks]
            accuracies = tuple(self._accuracies.get(network) for network in networks)
            found.append(Confirmed(finalist, accuracies, fitness(values, weights)))
        return tuple(found)

    @property
    def chosen(self) -> Confirmed | None:
        """The finalist of highest confirmed fitness, the first of equals; None if all failed."""
        whole = [result for result in self.results if not math.isnan(result.fitness)]
        return max(whole, key=lambda result: result.fitness, default=None)

    @property
    def progress(self) -> SearchProgress:
        """Progress of the search, this phase included."""
        progress = self._search.progress
        trained = list(self._accuracies.values())
        progress = replace(
            progress,
            finalists=self._problem.config.confirm,
            completed=progress.completed + len(trained),
            failed=progress.failed + trained.count(None),
        )
        if not self._search.finished or self.finished:
            return progress
        done = [evaluation.macs for n, evaluation in self._needed.items() if n in self._accuracies]
        return replace(
            progress,
            phase="confirm",
            finalists=len(self.finalists),
            done=len(done),
            total=len(self._needed),
            confirmed=sum(done) / sum(evaluation.macs for evaluation in self._needed.values()),
        )

    def _networks(self, finalists: tuple[Finalist, ...]) -> dict[Network, Evaluation]:
        found: dict[Network, Evaluation] = {}
        for finalist in finalists:
            for stage, weight in enumerate(self._problem.stage_weights()):
                if weight > 0:
                    key = stage, finalist.phenotypes[stage]
                    state = finalist.state
                    found.setdefault(key, self._evaluation(stage, state.base, state.scalings[stage]))
        return dict(sorted(found.items(), key=lambda item: -item[1].macs))

    def _evaluation(self, stage: int, base: BaseArchitecture, scaling: Scaling) -> Evaluation:
        space, epochs = self._problem.space, self._problem.config.confirm_epochs
        macs = int(costs(space, encode(space, [base]), scaling)[0, 0])
        return Evaluation(len(self._begun), stage, base, scaling, space, macs, epochs)

    def _network(self, evaluation: Evaluation) -> Network:
        space = self._problem.space
        keys = phenotypes(space, encode(space, [evaluation.base]), evaluation.scaling)
        return evaluation.scaling_stage, keys[0]
