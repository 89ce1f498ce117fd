"""RandAugment with Keras' layers: each image by its own choice of changes."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import tensorflow as tf

from scalenet_tf.data.stateless import DRAWS, further, stateless


@dataclass(frozen=True)
class RandAugment:
    """So many changes of each image, each drawn among eleven kinds.

    Keras' own RandAugment draws once for a whole batch, and turns an image by up to 180 degrees at its
    default strength. Here each image has draws of its own, and at strength 1 the ranges are those of the
    paper (arXiv 1909.13719): 30 degrees, a shear of 0.3, a shift of 0.3.

    Attributes:
      layers: The kinds of changes, Keras' layers.
      changes: Of each image, one after another.
    """

    layers: tuple[keras.layers.Layer, ...]
    changes: int

    @classmethod
    def of(cls, changes: int, magnitude: float) -> RandAugment:
        """Changes of strength `magnitude`, 0 to 1."""
        kinds, scale = keras.layers, {"value_range": (0, 255), "dtype": "float32"}
        layers = (
            kinds.RandomShear(0.3 * magnitude, 0.3 * magnitude, dtype="float32"),
            kinds.RandomTranslation(0.3 * magnitude, 0.3 * magnitude, dtype="float32"),
            kinds.RandomRotation(magnitude / 12, dtype="float32"),
            kinds.RandomBrightness(0.9 * magnitude, **scale),
            kinds.RandomContrast(0.9 * magnitude, **scale),
            kinds.RandomColorDegeneration(magnitude, **scale),
            kinds.RandomSharpness(magnitude, **scale),
            kinds.RandomPosterization(max(1, round(8 - 4 * magnitude)), **scale),
            kinds.Solarization(0.4 * magnitude, magnitude, **scale),
            kinds.AutoContrast(**scale),
            kinds.Equalization(**scale),
        )
        return cls(layers, changes)

    def __call__(self, images: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        """Changes images [N, S, S, C] in 0…255; a pure function of (images, key), an integer [2]."""
        for change in range(self.changes):
            images = self._change(images, further(key, change * DRAWS))
        return images

    def _change(self, images: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        count = tf.shape(images)[0]
        kinds = tf.random.stateless_uniform([count], key, maxval=len(self.layers), dtype=tf.int32)
        # Each kind works on its own images alone: eleven kinds on all of them would cost as many times more.
        parts = tf.dynamic_partition(images, kinds, len(self.layers))
        places = tf.dynamic_partition(tf.range(count), kinds, len(self.layers))
        changed = [
            _apply(layer, part, further(key, 1)) for layer, part in zip(self.layers, parts, strict=True)
        ]
        return tf.ensure_shape(tf.dynamic_stitch(places, changed), images.shape)


def _apply(layer: keras.layers.Layer, images: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
    def change() -> tf.Tensor:
        return stateless(layer, images, key) if hasattr(layer, "generator") else layer(images, training=True)

    # Some of Keras' layers fail on no images.
    return tf.cond(tf.shape(images)[0] > 0, change, lambda: images)
