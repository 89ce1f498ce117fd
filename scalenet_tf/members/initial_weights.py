"""The weights that a member starts from."""

from __future__ import annotations

import keras
import numpy as np

from scalenet_tf.data.resize import whole_batches
from scalenet_tf.models.copy_weights import copy_weights
from scalenet_tf.models.recalibration import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.space import Subnet
from scalenet_tf.utils.random_streams import Purpose


def inherit(
    supernet: SuperSupernet, model: keras.Model, subnet: Subnet, images: np.ndarray, batch_size: int
) -> None:
    """Fills `model` with its slices of the super-supernet and batch-norm statistics recalibrated for them.

    Args:
      supernet: Whose weights are copied.
      model: From `build_model(subnet)`.
      subnet: One of the super-supernet's.
      images: Training images [N, H, W, C] in 0…255 to take the statistics over.
      batch_size: Of the recalibration; a last partial batch is left out where there are more.
    """
    batch_size = min(batch_size, len(images))
    batches = whole_batches(images, subnet.resolution, batch_size)
    copy_weights(supernet, model, SubnetEvaluator(supernet, traced=False).recalibrate(subnet, batches))


def initialize(model: keras.Model, seed: int, stage: int) -> None:
    """Draws every kernel from N(0, 2 / fan-in), a pure function of (seed, stage, layer's position).

    Keras' own initializers draw from a global seed, and count a depthwise kernel's fan-in as if it
    summed over channels.
    """
    # Dropout is the recipe's: it moves no other layer's draws.
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.Dropout)]
    for position, layer in enumerate(layers):
        if not hasattr(layer, "kernel"):
            continue
        shape = tuple(layer.kernel.shape)
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        fan_in = np.prod(shape[:2] if depthwise else shape[:-1])
        rng = np.random.default_rng([seed, Purpose.MEMBER, stage, position])
        gain = 1.0 if layer.name == "classifier" else 2.0
        layer.kernel.assign(rng.normal(0.0, np.sqrt(gain / fan_in), shape).astype("float32"))
