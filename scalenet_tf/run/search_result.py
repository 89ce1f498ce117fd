"""search/result.json: what a search found, and what it cost."""

from __future__ import annotations

from typing import ClassVar

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Environment, Provenance
from scalenet_tf.space import BaseArchitecture, Scaling
from scalenet_tf.utils.value import SparseValue, Value
from scalenet_tf.utils.value_file import FileValue, read_if_there


class FoundScaling(SparseValue):
    """The scaling found for one scaling stage, applied to the found base.

    Attributes:
      stage: The scaling stage.
      scaling: The scaling.
      score: Accuracy with shared weights on the search's validation images, 0 to 1; None where it was not
        scored.
      macs: Multiply-adds of one image.
      parameters: Trainable parameters.
      latency_ms: Predicted milliseconds of one image; None without a latency table.
      key: Digest of the subnet.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"latency_ms"})

    stage: int
    scaling: Scaling
    score: float | None
    macs: int
    parameters: int
    latency_ms: float | None = None
    key: str


class ArchiveEntry(SparseValue):
    """A scored subnet that no other one beats in cost and score.

    Attributes:
      stage: The scaling stage.
      score: Accuracy with shared weights on the search's validation images, 0 to 1.
      macs: Multiply-adds of one image.
      latency_ms: Predicted milliseconds of one image; None without a latency table.
      key: Digest of the subnet.
      base: The base architecture.
      scaling: Its scaling.
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
      base: The base architecture.
      scalings: The scaling of each stage, S0 first.
      scores: The score of each stage; None where it was not scored.
      macs: Multiply-adds of each stage.
      fitness: Weighted mean of the scores.
    """

    round: int
    base: BaseArchitecture
    scalings: tuple[Scaling, ...]
    scores: tuple[float | None, ...]
    macs: tuple[int, ...]
    fitness: float


class SearchCost(Value):
    """What a search cost.

    Attributes:
      trials: Trials with a result.
      failed: Those of them that have no score.
      images: Images that the scored ones ran through their subnets.
      macs: Multiply-adds of these images.
      cache_hits: Scores that were known already.
    """

    trials: int
    failed: int
    images: int
    macs: int
    cache_hits: int


class SearchFindings(FileValue):
    """What a finished search found.

    Attributes:
      base: The best base architecture.
      scalings: Its scaling in each stage, S0 first.
      fitness: Weighted mean of the scores.
      archive: Subnets that no other one beats in cost and score.
      trajectory: State of the chain after each round.
      cost: What the search cost.
    """

    base: BaseArchitecture
    scalings: tuple[FoundScaling, ...]
    fitness: float
    archive: tuple[ArchiveEntry, ...]
    trajectory: tuple[ChainState, ...]
    cost: SearchCost


class SearchEnvironment(Environment):
    """Surroundings of a search.

    Attributes:
      replayed_trials: Trials that the last process took from the journal.
    """

    replayed_trials: int


class SearchResult(SearchFindings):
    """What a search found, where it comes from, and its surroundings."""

    provenance: Provenance
    environment: SearchEnvironment


def read_search_result(run: RunFolder) -> SearchResult | None:
    """Reads search/result.json; None while the search is not done.

    Raises:
      ScaleNetError: if the file is damaged.
    """
    advice = f"Put it back, or remove it and write it again from the journal with: {run.command('search')}"
    return read_if_there(run.search_result_file, SearchResult, advice)
