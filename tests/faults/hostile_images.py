"""The class of hostile images: among those to train on, to predict, and in requests to a served model."""

from __future__ import annotations

import logging
import resource
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import tensorflow as tf

from scalenet_tf.config import DataConfig
from scalenet_tf.data.load import load_data
from scalenet_tf.errors import ScaleNetError
from tests.faults.attempt import ERROR, NAMELESS, OTHER, UNAFFECTED, Attempt, Outcome, call, judge
from tests.faults.workshop import Workshop
from tests.helpers.hostile_images import hostile_images
from tests.helpers.image_folder import write_folder

MOST_MEGABYTES = 1500  # by which one image may raise the peak memory of the process
SMALL = ("animated webp", "png bomb", "webp lossless bomb", "gif frame bomb", "png 0 x 0", "cmyk", "empty")


def hostile(shop: Workshop) -> Iterator[Attempt]:
    """Yields an attempt for each image, and each way in."""
    images = hostile_images(shop.rng("images"))
    for name in SMALL if shop.small else images:
        for way, act in WAYS.items():
            yield Attempt(f"{way} | {name}", lambda act=act, n=name: _bounded(act, shop, n, images[n]))


def _bounded(act: Any, shop: Workshop, name: str, content: bytes) -> Outcome:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found: Outcome = act(shop, name, content)
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    return found if more < MOST_MEGABYTES else Outcome(OTHER, f"{more} MB of memory. {found.text}")


def _train(shop: Workshop, name: str, content: bytes) -> Outcome:
    """A folder with one hostile image: refused with its name, and left out or used with skip_corrupt."""
    folder = shop.folder / "photos"
    shutil.rmtree(folder, ignore_errors=True)
    write_folder(folder)
    path = next(path for path in sorted(folder.rglob("*")) if path.is_file()).with_name("zz hostile.png")
    path.write_bytes(content)
    logging.getLogger("scalenet_tf").setLevel(logging.WARNING)
    found = []
    for skip in (False, True):
        config = DataConfig(source=f"folder:{folder}", image_size=28, skip_corrupt=skip, cache_gigabytes=0)
        try:
            data = load_data(config, 0)
            for split in ("train", "validation", "test"):
                for _ in data.evaluation_batches(split, resolution=28, batch_size=8):
                    pass
            found.append(UNAFFECTED)
        except ScaleNetError as error:
            # Another number of channels is no damage: it is refused in both cases.
            if path.name not in str(error):
                return Outcome(NAMELESS, str(error))
            found.append(ERROR)
    return Outcome(found[0])


def _predict(shop: Workshop, name: str, content: bytes) -> Outcome:
    path = shop.folder / "hostile.png"
    path.write_bytes(content)
    answer = call("predict", str(path), str(shop.image), "--run", str(shop.run), "--stage", "0")
    if str(shop.image) not in answer.out:
        return Outcome(OTHER, f"no answer for the other image: {answer.out} {answer.error}")
    return judge(answer, (path.name,), lambda: True)


@cache
def _signature(path: Path) -> Any:
    loaded = tf.saved_model.load(str(path))
    return loaded, loaded.signatures["serving_bytes"]


def _serve(shop: Workshop, name: str, content: bytes) -> Outcome:
    """A request with the image fails with an error of ours or the decoder's, and the next one is answered."""
    _, signature = _signature(shop.run / "members" / "s0" / "saved_model" / "1")
    [argument] = signature.structured_input_signature[1]
    try:
        answer = signature(**{argument: tf.constant([content])})["probabilities"]
        found = Outcome(UNAFFECTED, str(answer.shape))
    except tf.errors.OpError as error:
        found = Outcome(ERROR, error.message[:300])
    signature(**{argument: tf.constant([shop.image.read_bytes()])})
    return found


WAYS = {"train": _train, "predict": _predict, "serve": _serve}
