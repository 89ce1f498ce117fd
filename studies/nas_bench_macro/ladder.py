"""A ladder of two scaling stages inside the table: is a base chosen for both better than one for S0?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.space import BaseArchitecture
from scalenet_tf.space.rules import scaled_depth
from studies.nas_bench_macro.table import Table

DEPTH = 1500  # thousandths: the depth of S1 is 1.5 times that of the base


@dataclass(frozen=True)
class Choice:
    """The mean accuracy of S0 and S1 on the trainings that did not choose, 0 to 1.

    Attributes:
      training: Number of the training whose accuracies chose, from 0.
      joint: Of the base with the best mean of both scaling stages.
      alone: Of the base with the best S0.
      average: Of all bases.
    """

    training: int
    joint: float
    alone: float
    average: float


def ladder(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """Accuracies of both scaling stages, float64 [bases, 2, trainings], and multiply-adds, int [bases, 2].

    A base belongs to the ladder if its deeper network is in the table too.
    """
    numbers = {network.base: network for network in table.networks}
    pairs = [
        (network, numbers[deeper])
        for network in table.networks
        if (deeper := _deeper(network.base)) in numbers
    ]
    accuracies = np.array([[stage.accuracies for stage in pair] for pair in pairs])
    return accuracies, np.array([[stage.macs for stage in pair] for pair in pairs])


def choices(accuracies: np.ndarray) -> list[Choice]:
    """Chooses by each training, and judges by the others, so that no choice is judged by its own luck."""
    found = []
    for training in range(accuracies.shape[2]):
        seen = accuracies[:, :, training]
        judged = np.delete(accuracies, training, axis=2).mean(axis=(1, 2))
        joint, alone = int(seen.mean(axis=1).argmax()), int(seen[:, 0].argmax())
        found.append(Choice(training, float(judged[joint]), float(judged[alone]), float(judged.mean())))
    return found


@dataclass(frozen=True)
class EqualChoice:
    """The mean accuracy of S0 and S1 on one training, by bases that two trainings chose, 0 to 1.

    Attributes:
      training: Number of the training that judges, from 0.
      joint: Of the base with the best mean of S0 and S1 in one other training; the mean over both others.
      alone: Of the base with the best mean of S0 over both other trainings.
    """

    training: int
    joint: float
    alone: float


def equal_choices(accuracies: np.ndarray) -> list[EqualChoice]:
    """Chooses by two trainings of a base on either side, since a mean of two is less noisy than one."""
    found = []
    for training in range(accuracies.shape[2]):
        judged, others = accuracies[:, :, training].mean(axis=1), np.delete(accuracies, training, axis=2)
        joint = judged[others.mean(axis=1).argmax(axis=0)].mean()
        alone = judged[others[:, 0].mean(axis=1).argmax()]
        found.append(EqualChoice(training, float(joint), float(alone)))
    return found


def _deeper(base: BaseArchitecture) -> BaseArchitecture:
    """The base with 1.5 times the blocks in each stage; the added ones copy the last op."""
    stages = (ops + ops[-1:] * (scaled_depth(len(ops), DEPTH) - len(ops)) for ops in base.stages)
    return BaseArchitecture(stages=tuple(stages))
