"""The published family as Keras models, with the interface of keras.applications.

The architectures are those of `published.py`; Keras is imported when a function is called. No ImageNet
weights are shipped, and the accuracies that the paper reports are not claimed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.presets.published import published_member
from scalenet_tf.presets.weights_file import check_weights, load_weights

if TYPE_CHECKING:
    import keras

Shape = tuple[int | None, int | None, int]

# The product of all strides: the last map of a smaller image would be one pixel, mostly padding.
SMALLEST_SIDE = 32


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
    return _build("s0", weights, classes, include_top, input_shape, pooling)


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
    return _build("s1", weights, classes, include_top, input_shape, pooling)


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
    return _build("s2", weights, classes, include_top, input_shape, pooling)


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
    return _build("s3", weights, classes, include_top, input_shape, pooling)


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
    return _build("s4", weights, classes, include_top, input_shape, pooling)


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
    return _build("s5", weights, classes, include_top, input_shape, pooling)


def _build(
    name: str,
    weights: str | Path | None,
    classes: int,
    include_top: bool,
    input_shape: Shape | None,
    pooling: str | None,
) -> keras.Model:
    file = check_weights(weights)
    if include_top and (not isinstance(classes, int) or classes < 2):
        raise InvalidInputError(f"`classes` must be an integer of at least 2. Received: {classes!r}")
    if pooling not in (None, "avg", "max"):
        raise InvalidInputError(f"`pooling` must be None, 'avg' or 'max'. Received: {pooling!r}")
    side = published_member(name).resolution
    shape = _check_shape((side, side, 3) if input_shape is None else input_shape)
    subnet = published_member(name, channels=shape[2], classes=classes if include_top else 2)

    import keras

    from scalenet_tf.models.plain import classify, last_map

    images = keras.Input(shape, name="image")
    x = last_map(subnet, images)
    if include_top:
        x = classify(subnet, x)
    elif pooling == "avg":
        x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    elif pooling == "max":
        x = keras.layers.GlobalMaxPooling2D(name="pool")(x)
    model = keras.Model(images, x, name=f"scalenet_{name}")
    if file is not None:
        load_weights(model, file)
    return model


def _check_shape(shape: Shape) -> Shape:
    def whole(value: object, least: int) -> bool:
        return isinstance(value, int) and value >= least

    if (
        isinstance(shape, tuple | list)
        and len(shape) == 3
        and all(side is None or whole(side, SMALLEST_SIDE) for side in shape[:2])
        and whole(shape[2], 1)
    ):
        return (shape[0], shape[1], shape[2])
    raise InvalidInputError(
        f"`input_shape` must be (height, width, channels), sides of at least {SMALLEST_SIDE} px or None for "
        f"any, at least 1 channel. Received: {shape!r}"
    )
