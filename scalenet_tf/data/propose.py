"""The configuration that fits a source, by a look at some of its images."""

from __future__ import annotations

import logging

import numpy as np

from scalenet_tf.config import DataConfig, Task, proposed_config
from scalenet_tf.data.decode import look_at, without_unreadable
from scalenet_tf.data.decoder import DECODER
from scalenet_tf.data.find_format import WantedFormat
from scalenet_tf.data.splits import open_source

logger = logging.getLogger(__name__)

_IMAGES = 32


def propose_config(config: DataConfig, task: Task = Task.single_label) -> str:
    """Returns the name of the configuration that fits a source, and says why.

    Args:
      config: The source, which should not be the bundled one; and the size and channels that its images are
        converted to, if they are configured.
      task: Task of the images.

    Raises:
      ScaleNetError: If the source cannot be opened.

    Example:
      >>> propose_config(DataConfig(source="folder:photos"))
      'photos'
    """
    # A source without training images, or of which none can be decoded, is refused when it is read.
    source = open_source(config, task)
    train = source.train
    count = 0 if train is None else len(train.labels)
    rows = np.unique(np.linspace(0, count - 1, min(count, _IMAGES)).astype(np.int64))
    found: list[tuple[int, int, int, int]] = []
    if train is not None:
        # A file that cannot be read now is refused or left out when all are read.
        rows = without_unreadable(train, train.readable(rows))
        found = list(look_at(train, rows, DECODER))
    stored = int(np.median([min(height, width) for _, height, width, _ in found])) if found else 0
    side = config.image_size or stored
    converted = WantedFormat(config, source.channels).channels
    channels = converted or (3 if any(channels > 2 for *_, channels in found) else 1)
    name = proposed_config(side, channels)
    kind = "colour" if channels == 3 else "grey"
    logger.info(f"configuration {name}, for {kind} images of about {side} px; another one: --config NAME")
    return name
