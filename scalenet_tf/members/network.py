"""The network that is trained: a member's network with the precision and dropout of its recipe."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from scalenet_tf.config import Recipe
from scalenet_tf.members.fused_norm import FusedBatchNormalization
from scalenet_tf.models.layer_precision import layers_in
from scalenet_tf.models.plain import build_model
from scalenet_tf.space import Subnet
from scalenet_tf.space.blocks import blocks
from scalenet_tf.utils.random_streams import RandomStream


def build_for_training(subnet: Subnet, recipe: Recipe, seed: int, stage: int) -> keras.Model:
    """Builds a network with the weights of `build_model(subnet)`, in the recipe's precision and with dropout.

    Dropout depends on (seed, stage, layer, number of the batch); that number is among the model's
    `variables`, but not among its `weights`.
    """
    model = build_model(
        subnet,
        batch_norm=FusedBatchNormalization,
        batch_norm_momentum=recipe.batch_norm_momentum,
        dtype=recipe.precision,
    )
    if not (recipe.dropout or recipe.stochastic_depth):
        return model
    with layers_in(recipe.precision):
        return _with_dropout(model, subnet, recipe, seed, stage)


def _with_dropout(model: keras.Model, subnet: Subnet, recipe: Recipe, seed: int, stage: int) -> keras.Model:
    """The same layers, not copies, with dropout between them."""
    names = [f"{block.name}_add" for block in blocks(subnet)]
    # Rates grow linearly with depth, as in the paper on stochastic depth.
    rates = {name: recipe.stochastic_depth * (n + 1) / len(names) for n, name in enumerate(names)}

    def drop(x: Any, rate: float, name: str, position: int, **options: Any) -> Any:
        own = np.random.SeedSequence([seed, RandomStream.DROPOUT, stage, position]).generate_state(1)[0]
        return keras.layers.Dropout(rate, seed=int(own), name=name, **options)(x) if rate else x

    def call(layer: keras.layers.Layer, inputs: Any, *rest: Any, **options: Any) -> Any:
        if layer.name in rates:
            kept, branch = inputs
            name = layer.name.replace("_add", "_drop")
            # One draw per image: the whole branch is dropped.
            shape = (None, 1, 1, 1)
            branch = drop(branch, rates[layer.name], name, names.index(layer.name), noise_shape=shape)
            inputs = [kept, branch]
        elif layer.name == "classifier":
            inputs = drop(inputs, recipe.dropout, "dropout", len(names))
        return layer(inputs, *rest, **options)

    return keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)
