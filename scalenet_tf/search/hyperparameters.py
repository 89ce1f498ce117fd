"""The search space as Keras Tuner's hyperparameters, all declared up front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras_tuner

from scalenet_tf.search.trial_values import TrialValue, domains
from scalenet_tf.space import SearchSpace


class DeclaredSpace(keras_tuner.HyperParameters):
    """Hyperparameters whose declarations all trials share: a copy costs only its values."""

    def copy(self) -> DeclaredSpace:
        return self.holding(dict(self.values))

    def holding(self, values: Mapping[str, TrialValue]) -> DeclaredSpace:
        """Returns the same declarations with other values, which are not copied."""
        shared = DeclaredSpace()
        shared._hps, shared._space = self._hps, self._space
        shared.values = values
        return shared

    def to_proto(self) -> Any:
        """Returns the values alone: both sides of the connection have declared the same space."""
        values = keras_tuner.HyperParameters()
        values.values = self.values
        return values.to_proto()


def declare(space: SearchSpace) -> DeclaredSpace:
    """Returns the hyperparameters of a space: one Choice for each of `trial_values.domains(space)`."""
    declared = DeclaredSpace()
    for name, values in domains(space).items():
        declared.Choice(name, list(values))
    return declared
