"""`SearchProblem`: everything that determines which subnets a search asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.config import SearchConfig
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.criteria import NO_CRITERIA, Criteria
from scalenet_tf.utils.random_streams import RandomStream


@dataclass(frozen=True)
class SearchProblem:
    """A search, apart from the scores of its subnets. `identity.identify` names it in files.

    Attributes:
      space: Search space, with the number of channels and classes of the data.
      config: Settings of the search. Image counts and batch sizes matter to the scorer alone.
      seed: Seed of all random draws, at least 0.
      criteria: The user's own constraints and objective.
      start: Bases and scalings that the search begins with. Default: random ones.

    Example:
      >>> problem = SearchProblem(run.space(), run.config.search, seed=0)
    """

    space: SearchSpace
    config: SearchConfig
    seed: int
    criteria: Criteria = NO_CRITERIA
    start: WarmStart | None = None

    def generator(self, purpose: RandomStream, *numbers: int) -> np.random.Generator:
        """Returns the random generator of one purpose, at one point of the search (such as a round)."""
        return np.random.default_rng([self.seed, purpose, *numbers])

    def stage_weights(self) -> tuple[float, ...]:
        """Returns the weight of each scaling stage in the fitness of a base, S0 first.

        Raises:
          ScaleNetError: If there is not one weight for each scaling stage, or none is above 0.
        """
        stages = len(self.space.menus)
        weights = self.config.stage_weights or (1.0,) * stages
        if len(weights) != stages or min(weights) < 0 or not 0 < sum(weights) < float("inf"):
            raise InvalidInputError(
                f"`search.stage_weights` must hold one weight >= 0, not all of them 0, for each of the "
                f"{stages} scaling stages of space {self.space.name!r}. Received: {list(weights)}"
            )
        return weights
