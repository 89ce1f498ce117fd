"""The subnets that the steps of a super-supernet's training draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from scalenet_tf.sampling.hierarchical import (
    Draw,
    Sandwich,
    draw_resolutions,
    draw_subnet,
    sandwich_resolutions,
)
from scalenet_tf.sampling.stage_weights import StageWeights
from scalenet_tf.sampling.within_budget import draw_within_budget, stages_and_resolutions_within_budget
from scalenet_tf.space import SearchSpace

# "free" draws any subnet of the menus, "budget" those that a search may choose.
DrawFrom = Literal["free", "budget"]


@dataclass(frozen=True)
class TrainingDraws:
    """Draws subnets by (seed, step) alone.

    Attributes:
      space: Search space to draw from.
      seed: Seed of the draws, at least 0.
      draw_from: "free" for any subnet of the menus, by hierarchical sampling; "budget" for subnets within the
        budgets of the space.
      stage_weights: Probabilities of the scaling stages, see `draw_subnet`.

    Example:
      >>> TrainingDraws(space, seed=0, draw_from="budget").at(17).subnet.resolution
    """

    space: SearchSpace
    seed: int
    draw_from: DrawFrom = "free"
    stage_weights: StageWeights = "widths"

    def at(self, step: int) -> Draw:
        """Returns the draw of a step, at least 0; equal for equal arguments in every process."""
        draw = draw_subnet if self.draw_from == "free" else draw_within_budget
        return draw(self.space, self.seed, step, self.stage_weights)

    def resolutions(self, steps: int, sandwich: Sandwich | None = None) -> np.ndarray:
        """Returns the resolutions of the subnets that each of the first steps trains, in pixels.

        Args:
          steps: Number of training steps.
          sandwich: Further subnets of each step, see `trained_subnets`.

        Returns:
          int64 [steps], or with a sandwich int64 [steps, 3].
        """
        if self.draw_from == "free":
            return draw_resolutions(self.space, self.seed, steps, self.stage_weights, sandwich)
        stages, drawn = stages_and_resolutions_within_budget(self.space, self.seed, steps, self.stage_weights)
        return sandwich_resolutions(self.space, stages, drawn, sandwich)
