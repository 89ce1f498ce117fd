"""Mixup and cutmix: images and labels of a batch mixed in pairs, by Keras' layers."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import tensorflow as tf

from scalenet_tf.data.stateless import further, stateless


@dataclass(frozen=True)
class Mixing:
    """One way of mixing, or several of which each batch gets one."""

    layers: tuple[keras.layers.Layer, ...]

    @classmethod
    def of(cls, mixup: float, cutmix: float) -> Mixing:
        """With alphas of their beta distributions; 0 leaves a way out."""
        layers = keras.layers
        ways = ((layers.MixUp, mixup), (layers.CutMix, cutmix))
        return cls(tuple(way(alpha, dtype="float32") for way, alpha in ways if alpha))

    def __call__(self, images: tf.Tensor, labels: tf.Tensor, key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Mixes images [N, S, S, C] and labels [N, classes]; pure in them and key, integer [2]."""
        draw = tf.random.stateless_uniform([], key, maxval=max(1, len(self.layers)), dtype=tf.int32)
        batch = {"images": images, "labels": labels}
        ways = [lambda layer=layer: stateless(layer, batch, further(key, 1)) for layer in self.layers]
        mixed = tf.switch_case(draw, ways) if ways else batch
        return tf.ensure_shape(mixed["images"], images.shape), tf.ensure_shape(mixed["labels"], labels.shape)
