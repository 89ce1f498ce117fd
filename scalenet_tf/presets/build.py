"""Builds a member of the published family as a Keras model, which is imported only then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.presets.published import published_member
from scalenet_tf.presets.weights_file import check_weights, fill_weights

if TYPE_CHECKING:
    import keras

Shape = tuple[int | None, int | None, int]

# The product of all strides: the last map of a smaller image would be one pixel, mostly padding.
SMALLEST_SIDE = 32


def build(
    name: str,
    weights: str | Path | None,
    classes: int,
    include_top: bool,
    input_shape: Shape | None,
    pooling: str | None,
) -> keras.Model:
    """Builds a member by its name, "s0" to "s5"; see `ScaleNetS0` for the other arguments."""
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
        fill_weights(model, file)
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
