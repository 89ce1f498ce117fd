"""Random architectures: by the paper's hierarchical sampling, or within a budget."""

from scalenet_tf.sampling.hierarchical import (
    Draw,
    draw_bases,
    draw_resolutions,
    draw_subnet,
    mean_macs,
    stage_probabilities,
    trained_subnets,
)

__all__ = [
    "Draw",
    "draw_bases",
    "draw_resolutions",
    "draw_subnet",
    "mean_macs",
    "stage_probabilities",
    "trained_subnets",
]
