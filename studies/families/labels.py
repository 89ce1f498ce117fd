"""The names of the ways in tables and plots."""

from __future__ import annotations

from studies.families.plan import Way

LABELS: dict[Way, str] = {
    "joint": "joint",
    "random-scores": "random subnets, scored with the same super-supernet",
    "confirmed": "joint, finalists confirmed",
    "independent": "independent",
    "RandomSearch": "Keras Tuner, RandomSearch",
    "BayesianOptimization": "Keras Tuner, BayesianOptimization",
    "Hyperband": "Keras Tuner, Hyperband",
}
EFFICIENTNETS_RULE = "EfficientNet's rule"
RANDOM = "random"
