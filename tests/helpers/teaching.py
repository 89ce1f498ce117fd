"""Images of three classes, told apart by where they are bright, and a Keras model that knows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.config import RunConfig, override_config
from scalenet_tf.data import open_data
from scalenet_tf.run import Run
from scalenet_tf.space import Subnet
from tests.helpers.networks import TINY_SUBNET
from tests.helpers.stored import member_of, write_members

PLACES = ("left", "middle", "right")


def write_places(folder: Path, per_class: int, *, off_by: int = 0) -> Path:
    """Writes images of 36 pixels; an image that is bright at place i lies in the folder of i + off_by."""
    rng = np.random.default_rng(0)
    for index in range(3):
        named = folder / PLACES[(index + off_by) % 3]
        named.mkdir(parents=True)
        for number in range(per_class):
            image = rng.integers(0, 90, (36, 36, 1), np.uint8)
            image[:, 12 * index : 12 * index + 12] += 150
            (named / f"{number}.png").write_bytes(tf.io.encode_png(image).numpy())
    return folder


def knowing_model(*, softmax: bool = False, contrast: float = 0.05) -> keras.Model:
    """A model that answers with the place that is bright, from images [N, 36, 36, 1] in 0…255."""
    layers = [
        keras.Input((36, 36, 1)),
        keras.layers.AveragePooling2D((36, 12)),
        keras.layers.Flatten(),
        keras.layers.Rescaling(contrast),
    ]
    return keras.Sequential([*layers, keras.layers.Softmax()] if softmax else layers)


def small_subnet(classes: int = 3) -> Subnet:
    return TINY_SUBNET.model_copy(update={"classes": classes})


def places_run(path: Path, config: RunConfig, images: Path, keys: Sequence[str] = ()) -> Run:
    """A run with the one member s0, on images of `write_places`."""
    own = override_config(config, [f"data.source=folder:{images}", "data.image_size=36", *keys])
    run = Run.open_or_create(path, own)
    open_data(run)
    write_members(run, member_of(small_subnet()))
    return run
