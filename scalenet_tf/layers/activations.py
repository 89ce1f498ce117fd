"""The activations that a space can name, by name."""

from __future__ import annotations

import keras

ACTIVATIONS = {
    "hard_silu": keras.activations.hard_silu,
    "silu": keras.activations.silu,
    "relu6": keras.activations.relu6,
    "relu": keras.activations.relu,
}
