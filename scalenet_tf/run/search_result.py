"""search/result.json: the result and the cost of a search."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from scalenet_tf.run.given_folder import given_folder
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Environment, Provenance
from scalenet_tf.space import BaseArchitecture, Scaling
from scalenet_tf.utils.value import SparseValue, Value
from scalenet_tf.utils.value_file import FileValue, read_if_there


class FoundScaling(SparseValue):
    """The scaling that a search found for one scaling stage.

    Attributes:
      stage: Scaling stage, from 0.
      scaling: Scaling of the found base.
      score: Accuracy with shared weights on the search-validation images, 0 to 1; None if not scored.
      macs: Multiply-adds for one image.
      parameters: Number of trainable parameters.
      latency_ms: Predicted milliseconds for one image; None without a latency table.
      key: Digest of the subnet, `Subnet.key`.
      confirmed: Accuracy on the validation split after the short training of a finalist, 0 to 1; None
        without confirmation, or if the stage does not count.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"latency_ms", "confirmed"})

    stage: int
    scaling: Scaling
    score: float | None
    macs: int
    parameters: int
    latency_ms: float | None = None
    key: str
    confirmed: float | None = None


class ArchiveEntry(SparseValue):
    """A scored subnet that is Pareto-optimal in cost and score.

    Attributes:
      stage: Scaling stage, from 0.
      score: Accuracy with shared weights on the search-validation images, 0 to 1.
      macs: Multiply-adds for one image.
      latency_ms: Predicted milliseconds for one image; None without a latency table.
      key: Digest of the subnet, `Subnet.key`.
      base: Base architecture.
      scaling: Scaling of the base.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"latency_ms"})

    stage: int
    score: float
    macs: int
    latency_ms: float | None = None
    key: str
    base: BaseArchitecture
    scaling: Scaling


class ChainState(Value):
    """The state of the Markov chain after a round.

    Attributes:
      round: Number of the round, from 1.
      base: Base architecture.
      scalings: Scaling of each scaling stage, S0 first.
      scores: Score of each scaling stage, 0 to 1; None if not scored.
      macs: Multiply-adds of each scaling stage, for one image.
      fitness: Weighted mean of the scores, or of the objective's values for them.
    """

    round: int
    base: BaseArchitecture
    scalings: tuple[Scaling, ...]
    scores: tuple[float | None, ...]
    macs: tuple[int, ...]
    fitness: float


class Finalist(Value):
    """A state that the search has confirmed by training its networks shortly.

    Attributes:
      round: Round after which the chain was in this state, from 1; None for a base of the archive with its
        best scalings.
      base: Base architecture.
      scalings: Scaling of each scaling stage, S0 first.
      scores: Score of each scaling stage with shared weights, 0 to 1; None if not scored.
      fitness: Weighted mean of the scores, or of the objective's values for them.
      confirmed: Accuracy of each scaling stage after training, 0 to 1; None if the training failed or the
        stage does not count.
      confirmed_fitness: Weighted mean of the accuracies after training, or of the objective's values for
        them; None if one of the trainings failed.
    """

    round: int | None
    base: BaseArchitecture
    scalings: tuple[Scaling, ...]
    scores: tuple[float | None, ...]
    fitness: float
    confirmed: tuple[float | None, ...]
    confirmed_fitness: float | None

    @property
    def name(self) -> str:
        """Name for messages: "round 2", or "archive"."""
        return "archive" if self.round is None else f"round {self.round}"


class ConfirmationCost(Value):
    """The cost of training finalists, those of fewer rounds included.

    Attributes:
      trials: Number of networks whose training has ended.
      failed: Number of these without an accuracy.
      images: Number of images that the others were trained on, each epoch's counted.
      macs: Multiply-adds of these trainings, of which a step counts three times the forward pass, and of
        their evaluations.
    """

    trials: int
    failed: int
    images: int
    macs: int


class SearchCost(SparseValue):
    """The cost of a search.

    Attributes:
      trials: Number of finished trials.
      failed: Number of finished trials without a score.
      images: Number of images that the scored trials evaluated.
      macs: Multiply-adds for these images.
      cache_hits: Number of scores that were already known.
      confirmation: Cost of training finalists, which is not in the other numbers; None without confirmation.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"confirmation"})

    trials: int
    failed: int
    images: int
    macs: int
    cache_hits: int
    confirmation: ConfirmationCost | None = None


class SearchFindings(SparseValue, FileValue):
    """The findings of a finished search.

    Attributes:
      base: Best base architecture: that of the highest confirmed fitness, or of the highest fitness without
        confirmation.
      scalings: Scaling of the base in each scaling stage, S0 first.
      fitness: Weighted mean of the scores, or of the objective's values for them.
      archive: Scored subnets that are Pareto-optimal in cost and score.
      trajectory: State of the chain after each round; a round of which nothing could be scored has none.
      cost: Number of trials and images, and multiply-adds.
      finalists: States that were confirmed, by fitness; None without confirmation.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"finalists"})

    base: BaseArchitecture
    scalings: tuple[FoundScaling, ...]
    fitness: float
    archive: tuple[ArchiveEntry, ...]
    trajectory: tuple[ChainState, ...]
    cost: SearchCost
    finalists: tuple[Finalist, ...] | None = None

    @property
    def chosen(self) -> Finalist | None:
        """The finalist whose confirmed fitness is highest, the first of equals; None if all failed."""
        known = [finalist for finalist in self.finalists or () if finalist.confirmed_fitness is not None]
        return max(known, key=lambda finalist: finalist.confirmed_fitness or 0.0, default=None)


class SearchEnvironment(Environment):
    """Time and machine of a search.

    Attributes:
      replayed_trials: Number of trials that the last process restored from the journal.
    """

    replayed_trials: int


class SearchResult(SearchFindings):
    """The result of a search: its findings, provenance and environment.

    Attributes:
      provenance: Everything that determines the findings.
      environment: Time and machine of the search.

    Example:
      >>> result = read_search_result(Run.open("runs/first"))
      >>> [entry.scaling.resolution for entry in result.scalings]
    """

    provenance: Provenance
    environment: SearchEnvironment


def read_search_result(run: RunFolder | str | Path) -> SearchResult | None:
    """Reads search/result.json.

    Args:
      run: The run, or its path.

    Returns:
      The result, or None if the search is not done yet.

    Raises:
      ScaleNetError: If there is no run at the path, or the file is damaged.
    """
    run = given_folder(run)
    advice = f"Put it back, or remove it and write it again from the journal with: {run.command('search')}"
    return read_if_there(run.search_result_file, SearchResult, advice)
