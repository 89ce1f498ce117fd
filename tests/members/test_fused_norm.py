from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.members.fused_norm import FusedBatchNormalization


def test_it_trains_and_evaluates_as_keras_own_layer() -> None:
    rng = np.random.default_rng(0)
    inputs = tf.constant(rng.normal(2, 3, (4, 5, 5, 6)), tf.float32)
    upstream = tf.constant(rng.normal(size=inputs.shape), tf.float32)
    layers = [kind(momentum=0.7) for kind in (keras.layers.BatchNormalization, FusedBatchNormalization)]
    outcomes = []
    for layer in layers:
        layer.build(inputs.shape)
        layer.gamma.assign(np.linspace(0.5, 2, 6))
        layer.beta.assign(np.linspace(-1, 1, 6))
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            output = tf.function(lambda x, layer=layer: layer(x, training=True))(inputs)
        gradients = tape.gradient(output, [inputs, layer.gamma.value, layer.beta.value], upstream)
        outcomes.append([output, *gradients, layer.moving_mean, layer.moving_variance, layer(inputs)])
    for plain, fused in zip(*outcomes, strict=True):
        np.testing.assert_allclose(fused, plain, rtol=1e-4, atol=1e-4)
