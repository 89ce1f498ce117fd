"""RandAugment, mixup and cutmix with Keras' layers, as pure functions of a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import keras
import tensorflow as tf


@dataclass(frozen=True)
class RandAugment:
    """RandAugment with separate draws for each image, among eleven kinds of changes.

    Keras' RandAugment draws once for a whole batch, and rotates an image by up to 180 degrees at its default
    strength. Here each image has its own draws, and at strength 1 the ranges are those of the paper
    (arXiv 1909.13719): 30 degrees, a shear of 0.3, a shift of 0.3.

    Attributes:
      layers: Keras layers, one for each kind of change.
      changes: Number of changes of each image, applied one after another.
    """

    layers: tuple[keras.layers.Layer, ...]
    changes: int

    @classmethod
    def of(cls, changes: int, magnitude: float) -> RandAugment:
        """Makes RandAugment with `changes` changes of strength `magnitude`, 0 to 1."""
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
        """Changes a batch, as a pure function of its arguments.

        Args:
          images: [N, S, S, C] in 0…255.
          key: Integer [2].
        """
        for change in range(self.changes):
            images = self._change(images, advanced(key, change * DRAWS))
        return images

    def _change(self, images: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        count = tf.shape(images)[0]
        kinds = tf.random.stateless_uniform([count], key, maxval=len(self.layers), dtype=tf.int32)
        # Each kind is applied only to the images that drew it, which costs an eleventh of all kinds on all.
        parts = tf.dynamic_partition(images, kinds, len(self.layers))
        positions = tf.dynamic_partition(tf.range(count), kinds, len(self.layers))
        changed = [
            _apply(layer, part, advanced(key, 1)) for layer, part in zip(self.layers, parts, strict=True)
        ]
        return tf.ensure_shape(tf.dynamic_stitch(positions, changed), images.shape)


def _apply(layer: keras.layers.Layer, images: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
    def change() -> tf.Tensor:
        return stateless(layer, images, key) if hasattr(layer, "generator") else layer(images, training=True)

    # Some Keras layers fail on an empty batch.
    return tf.cond(tf.shape(images)[0] > 0, change, lambda: images)


@dataclass(frozen=True)
class Mixing:
    """Mixup or cutmix; with both, each batch gets one of them."""

    layers: tuple[keras.layers.Layer, ...]

    @classmethod
    def of(cls, mixup: float, cutmix: float) -> Mixing:
        """Makes the mixing from the alphas of the beta distributions; 0 leaves that kind out."""
        layers = keras.layers
        ways = ((layers.MixUp, mixup), (layers.CutMix, cutmix))
        return cls(tuple(way(alpha, dtype="float32") for way, alpha in ways if alpha))

    def __call__(self, images: tf.Tensor, labels: tf.Tensor, key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Mixes a batch, as a pure function of its arguments.

        Args:
          images: [N, S, S, C].
          labels: One-hot labels [N, classes].
          key: Integer [2].
        """
        draw = tf.random.stateless_uniform([], key, maxval=max(1, len(self.layers)), dtype=tf.int32)
        batch = {"images": images, "labels": labels}
        ways = [lambda layer=layer: stateless(layer, batch, advanced(key, 1)) for layer in self.layers]
        mixed = tf.switch_case(draw, ways) if ways else batch
        return tf.ensure_shape(mixed["images"], images.shape), tf.ensure_shape(mixed["labels"], labels.shape)


# A generator counts its draws in the second number of its key; keys this far apart never overlap.
DRAWS = 16
Inputs = TypeVar("Inputs", tf.Tensor, dict[str, tf.Tensor])


def stateless(layer: keras.layers.Layer, inputs: Inputs, key: tf.Tensor) -> Inputs:
    """Calls a random preprocessing layer in training mode, with the state of its seed generator set to `key`.

    Args:
      layer: A layer with a `generator`, such as Keras' random image layers.
      inputs: Images [N, H, W, C], or a dict of images and labels.
      key: Integer [2].
    """
    # The generator's variable is replaced by `key`, and its update is discarded.
    state = [(layer.generator.state, tf.cast(key, layer.generator.state.dtype))]
    with keras.StatelessScope(state_mapping=state):
        return layer(inputs, training=True)


def advanced(key: tf.Tensor, draws: int) -> tf.Tensor:
    """The key of a generator after `draws` draws from `key`."""
    return key + tf.constant([0, draws], key.dtype)
