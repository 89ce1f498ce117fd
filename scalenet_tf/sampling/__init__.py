"""Random architectures: by the paper's hierarchical sampling, or within a budget."""

from scalenet_tf.sampling.hierarchical import (
    Draw,
    draw_bases,
    draw_resolutions,
    draw_subnet,
    trained_subnets,
)
from scalenet_tf.sampling.stage_weights import mean_macs, stage_probabilities
from scalenet_tf.sampling.training_draws import TrainingDraws

__all__ = [
    "Draw",
    "TrainingDraws",
    "draw_bases",
    "draw_resolutions",
    "draw_subnet",
    "mean_macs",
    "stage_probabilities",
    "trained_subnets",
]
