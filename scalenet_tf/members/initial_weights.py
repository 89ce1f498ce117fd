"""Initial weights of a member: copied from the super-supernet, or drawn."""

from __future__ import annotations

import keras
import numpy as np

from scalenet_tf.data.resize import whole_batches
from scalenet_tf.models.inherited_weights import copy_weights
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.space import Subnet
from scalenet_tf.utils.random_streams import RandomStream


def copy_recalibrated_weights(
    supernet: SuperSupernet, model: keras.Model, subnet: Subnet, images: np.ndarray, batch_size: int
) -> None:
    """Copies a subnet's weights from the super-supernet, with recalibrated batch-norm statistics.

    Args:
      supernet: The super-supernet.
      model: A model of `build_model(subnet)`; changed in place.
      subnet: A subnet of the super-supernet.
      images: Training images [N, H, W, C] in 0…255 for the recalibration.
      batch_size: Images per batch of the recalibration; a partial last batch is left out.
    """
    batch_size = min(batch_size, len(images))
    batches = whole_batches(images, subnet.resolution, batch_size)
    copy_weights(supernet, model, SubnetEvaluator(supernet, traced=False).recalibrate(subnet, batches))


def initialize(model: keras.Model, seed: int, stage: int) -> None:
    """Draws every kernel from N(0, 2 / fan-in), as a pure function of (seed, stage, position of the layer).

    Keras' initializers draw from a global seed, and compute the fan-in of a depthwise kernel as if it summed
    over channels.

    Args:
      model: The model; changed in place.
      seed: Seed for weight initialisation.
      stage: Scaling stage of the member.
    """
    # Dropout layers depend on the recipe: they must not change the draws of other layers.
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.Dropout)]
    for position, layer in enumerate(layers):
        if not hasattr(layer, "kernel"):
            continue
        shape = tuple(layer.kernel.shape)
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        fan_in = np.prod(shape[:2] if depthwise else shape[:-1])
        rng = np.random.default_rng([seed, RandomStream.MEMBER, stage, position])
        gain = 1.0 if layer.name == "classifier" else 2.0
        layer.kernel.assign(rng.normal(0.0, np.sqrt(gain / fan_in), shape).astype("float32"))
