"""Strategies for the devices that training runs on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scalenet_tf.distribute.cluster import EXAMPLE, Cluster, read_cluster
from scalenet_tf.distribute.tpu import has_tpu, make_tpu_strategy
from scalenet_tf.errors import ConnectionLostError, InvalidInputError, nearest

if TYPE_CHECKING:
    import tensorflow as tf

logger = logging.getLogger(__name__)

NAMES = ("auto", "one_device", "mirrored", "multi_worker", "tpu")


def make_strategy(name: str = "auto", tpu: str | None = None) -> tf.distribute.Strategy:
    """Makes the tf.distribute strategy for the devices of this process.

    Args:
      name: "auto", "one_device", "mirrored" or "tpu". "auto" takes the TPU that TPU_NAME names or this
        machine has, else all GPUs, else the CPU. For several workers see `training_strategy`.
      tpu: Name or address of the TPU; see `make_tpu_strategy`.

    Returns:
      The strategy.

    Raises:
      ScaleNetError: If the name is unknown, or the TPU cannot be reached.
    """
    import tensorflow as tf

    _check(name)
    if name == "auto" and has_tpu():
        # Listing logical GPUs initialises the devices, and a TPU has to come before that.
        name = "tpu"
    if name == "multi_worker":
        raise InvalidInputError(
            "`strategy` multi_worker: several workers train the super-supernet alone. Give auto here."
        )
    gpus = tf.config.list_logical_devices("GPU")
    if name == "auto":
        name = "mirrored" if len(gpus) > 1 else "one_device"
    if name == "one_device":
        return tf.distribute.OneDeviceStrategy("/gpu:0" if gpus else "/cpu:0")
    if name == "mirrored":
        return tf.distribute.MirroredStrategy([d.name for d in gpus or tf.config.list_logical_devices("CPU")])
    return make_tpu_strategy(tpu)


def training_strategy(name: str, tpu: str | None = None) -> tf.distribute.Strategy:
    """Makes the strategy for training the super-supernet, and waits for all workers that TF_CONFIG names.

    Args:
      name: Name for `make_strategy`, or "multi_worker": all devices of all workers. "auto" means that too if
        TF_CONFIG names several workers.
      tpu: Name or address of the TPU.

    Returns:
      The strategy.

    Raises:
      ScaleNetError: If TF_CONFIG does not fit the name, or workers or a TPU cannot be reached.
    """
    _check(name)
    cluster = read_cluster()
    if name == "multi_worker" and not cluster.addresses:
        raise InvalidInputError(
            "`strategy` multi_worker: the environment variable TF_CONFIG must name the workers and which of "
            f"them this process is, as in {EXAMPLE}. Received none. Set it on each worker, or give "
            "--strategy auto."
        )
    if cluster.several and name in ("auto", "multi_worker"):
        return _multi_worker(cluster)
    if cluster.several:
        # Each worker would train alone and overwrite the files of the others.
        raise InvalidInputError(
            f"`strategy` {name}: TF_CONFIG names {len(cluster.addresses)} workers. Give --strategy "
            "multi_worker, or unset TF_CONFIG to train in this process alone."
        )
    return make_strategy("auto" if name == "multi_worker" else name, tpu)


def check_batch(strategy: tf.distribute.Strategy, batch_size: int) -> None:
    """Checks that the replicas can share a batch in equal parts.

    Args:
      strategy: Strategy of the training.
      batch_size: Images of a batch over all replicas.

    Raises:
      ScaleNetError: If they cannot; the text gives the nearest batch sizes that work.
    """
    count = strategy.num_replicas_in_sync
    if batch_size % count:
        less, more = batch_size // count * count, -(-batch_size // count) * count
        raise InvalidInputError(
            f"`supernet.batch_size` must be a multiple of the {count} replicas that share it. Received: "
            f"{batch_size}. Give {f'{less} or ' if less else ''}{more}, or other devices."
        )


def _check(name: str) -> None:
    if name not in NAMES:
        raise InvalidInputError(
            f"`strategy` must be one of {list(NAMES)}. Received: {name!r}.{nearest(name, NAMES)}"
        )


def _multi_worker(cluster: Cluster) -> tf.distribute.Strategy:
    import tensorflow as tf

    own, count = cluster.addresses[cluster.index], len(cluster.addresses)
    role = ", the chief," if cluster.chief else ""
    logger.info("worker %d of %d%s at %s: waiting for the others", cluster.index, count, role, own)
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except (tf.errors.OpError, RuntimeError) as error:
        raise ConnectionLostError(
            f"`strategy` multi_worker: worker {cluster.index} at {own} cannot join the workers of TF_CONFIG "
            f"({error}). See that its port is free, that the workers reach each other, and start all of them."
        ) from error
