"""The published family as Keras models, with the interface of keras.applications.

The architectures are those of `published.py`; Keras is imported when a function is called. No ImageNet
weights are shipped, and the accuracies that the paper reports are not claimed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.presets.build import Shape, build

if TYPE_CHECKING:
    import keras


def ScaleNetS0(
    weights: str | Path | None = None,
    classes: int = 1000,
    include_top: bool = True,
    input_shape: Shape | None = None,
    pooling: str | None = None,
) -> keras.Model:
    """ScaleNet-S0: 354.9 M multiply-adds at 224 x 224, 6.69 M parameters.

    Args:
      weights: Path of a file of weights: `weights.npz` of a run's member, or `.weights.h5` of Keras. No
        ImageNet weights are shipped, and the accuracies that the paper reports are not claimed.
        Default: random weights.
      classes: Number of classes, at least 2; ignored if `include_top=False`.
      include_top: Whether to add pooling and classifier.
      input_shape: (height, width, channels), with sides of at least 32 px, or None for any size, and at
        least 1 channel. Default: the resolution of the scaling, with 3 channels.
      pooling: Pooling of the last map if `include_top=False`: None, "avg" or "max"; otherwise ignored.

    Returns:
      A functional model that takes float32 images in 0…255 and scales them itself. Its output is the logits
      [N, classes]; without the classifier, the last map [N, h, w, 1280], or [N, 1280] if it is pooled.

    Raises:
      ScaleNetError: If an argument is out of range, or the weights do not fit.

    Example:
      >>> model = ScaleNetS0(classes=10, input_shape=(96, 128, 1))
      >>> body = ScaleNetS0(include_top=False, pooling="avg")
    """
    return build("s0", weights, classes, include_top, input_shape, pooling)


def ScaleNetS1(
    weights: str | Path | None = None,
    classes: int = 1000,
    include_top: bool = True,
    input_shape: Shape | None = None,
    pooling: str | None = None,
) -> keras.Model:
    """ScaleNet-S1: 805.3 M multiply-adds at 256 x 256, 12.44 M parameters.

    Args:
      weights: Path of a file of weights: `weights.npz` of a run's member, or `.weights.h5` of Keras. No
        ImageNet weights are shipped, and the accuracies that the paper reports are not claimed.
        Default: random weights.
      classes: Number of classes, at least 2; ignored if `include_top=False`.
      include_top: Whether to add pooling and classifier.
      input_shape: (height, width, channels), with sides of at least 32 px, or None for any size, and at
        least 1 channel. Default: the resolution of the scaling, with 3 channels.
      pooling: Pooling of the last map if `include_top=False`: None, "avg" or "max"; otherwise ignored.

    Returns:
      A functional model that takes float32 images in 0…255 and scales them itself. Its output is the logits
      [N, classes]; without the classifier, the last map [N, h, w, 1280], or [N, 1280] if it is pooled.

    Raises:
      ScaleNetError: If an argument is out of range, or the weights do not fit.

    Example:
      >>> model = ScaleNetS1(classes=10)
    """
    return build("s1", weights, classes, include_top, input_shape, pooling)


def ScaleNetS2(
    weights: str | Path | None = None,
    classes: int = 1000,
    include_top: bool = True,
    input_shape: Shape | None = None,
    pooling: str | None = None,
) -> keras.Model:
    """ScaleNet-S2: 1629.5 M multiply-adds at 304 x 304, 17.71 M parameters.

    Args:
      weights: Path of a file of weights: `weights.npz` of a run's member, or `.weights.h5` of Keras. No
        ImageNet weights are shipped, and the accuracies that the paper reports are not claimed.
        Default: random weights.
      classes: Number of classes, at least 2; ignored if `include_top=False`.
      include_top: Whether to add pooling and classifier.
      input_shape: (height, width, channels), with sides of at least 32 px, or None for any size, and at
        least 1 channel. Default: the resolution of the scaling, with 3 channels.
      pooling: Pooling of the last map if `include_top=False`: None, "avg" or "max"; otherwise ignored.

    Returns:
      A functional model that takes float32 images in 0…255 and scales them itself. Its output is the logits
      [N, classes]; without the classifier, the last map [N, h, w, 1280], or [N, 1280] if it is pooled.

    Raises:
      ScaleNetError: If an argument is out of range, or the weights do not fit.

    Example:
      >>> model = ScaleNetS2(classes=10)
    """
    return build("s2", weights, classes, include_top, input_shape, pooling)


def ScaleNetS3(
    weights: str | Path | None = None,
    classes: int = 1000,
    include_top: bool = True,
    input_shape: Shape | None = None,
    pooling: str | None = None,
) -> keras.Model:
    """ScaleNet-S3: 3043.8 M multiply-adds at 354 x 354, 23.37 M parameters.

    Args:
      weights: Path of a file of weights: `weights.npz` of a run's member, or `.weights.h5` of Keras. No
        ImageNet weights are shipped, and the accuracies that the paper reports are not claimed.
        Default: random weights.
      classes: Number of classes, at least 2; ignored if `include_top=False`.
      include_top: Whether to add pooling and classifier.
      input_shape: (height, width, channels), with sides of at least 32 px, or None for any size, and at
        least 1 channel. Default: the resolution of the scaling, with 3 channels.
      pooling: Pooling of the last map if `include_top=False`: None, "avg" or "max"; otherwise ignored.

    Returns:
      A functional model that takes float32 images in 0…255 and scales them itself. Its output is the logits
      [N, classes]; without the classifier, the last map [N, h, w, 1280], or [N, 1280] if it is pooled.

    Raises:
      ScaleNetError: If an argument is out of range, or the weights do not fit.

    Example:
      >>> model = ScaleNetS3(classes=10)
    """
    return build("s3", weights, classes, include_top, input_shape, pooling)


def ScaleNetS4(
    weights: str | Path | None = None,
    classes: int = 1000,
    include_top: bool = True,
    input_shape: Shape | None = None,
    pooling: str | None = None,
) -> keras.Model:
    """ScaleNet-S4: 6424.2 M multiply-adds at 457 x 457, 29.02 M parameters.

    Args:
      weights: Path of a file of weights: `weights.npz` of a run's member, or `.weights.h5` of Keras. No
        ImageNet weights are shipped, and the accuracies that the paper reports are not claimed.
        Default: random weights.
      classes: Number of classes, at least 2; ignored if `include_top=False`.
      include_top: Whether to add pooling and classifier.
      input_shape: (height, width, channels), with sides of at least 32 px, or None for any size, and at
        least 1 channel. Default: the resolution of the scaling, with 3 channels.
      pooling: Pooling of the last map if `include_top=False`: None, "avg" or "max"; otherwise ignored.

    Returns:
      A functional model that takes float32 images in 0…255 and scales them itself. Its output is the logits
      [N, classes]; without the classifier, the last map [N, h, w, 1280], or [N, 1280] if it is pooled.

    Raises:
      ScaleNetError: If an argument is out of range, or the weights do not fit.

    Example:
      >>> model = ScaleNetS4(classes=10)
    """
    return build("s4", weights, classes, include_top, input_shape, pooling)


def ScaleNetS5(
    weights: str | Path | None = None,
    classes: int = 1000,
    include_top: bool = True,
    input_shape: Shape | None = None,
    pooling: str | None = None,
) -> keras.Model:
    """ScaleNet-S5: 10906.7 M multiply-adds at 533 x 533, 38.21 M parameters.

    Args:
      weights: Path of a file of weights: `weights.npz` of a run's member, or `.weights.h5` of Keras. No
        ImageNet weights are shipped, and the accuracies that the paper reports are not claimed.
        Default: random weights.
      classes: Number of classes, at least 2; ignored if `include_top=False`.
      include_top: Whether to add pooling and classifier.
      input_shape: (height, width, channels), with sides of at least 32 px, or None for any size, and at
        least 1 channel. Default: the resolution of the scaling, with 3 channels.
      pooling: Pooling of the last map if `include_top=False`: None, "avg" or "max"; otherwise ignored.

    Returns:
      A functional model that takes float32 images in 0…255 and scales them itself. Its output is the logits
      [N, classes]; without the classifier, the last map [N, h, w, 1280], or [N, 1280] if it is pooled.

    Raises:
      ScaleNetError: If an argument is out of range, or the weights do not fit.

    Example:
      >>> model = ScaleNetS5(classes=10)
    """
    return build("s5", weights, classes, include_top, input_shape, pooling)
