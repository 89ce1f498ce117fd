"""Which devices a step runs on: one argument, the best default for the devices present."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scalenet_tf.distribute.cluster import EXAMPLE, Cluster, read_cluster
from scalenet_tf.distribute.tpu import has_tpu, make_tpu_strategy
from scalenet_tf.errors import ScaleNetError, nearest

if TYPE_CHECKING:
    import tensorflow as tf

logger = logging.getLogger(__name__)

NAMES = ("auto", "one_device", "mirrored", "multi_worker", "tpu")


def make_strategy(name: str = "auto", tpu: str | None = None) -> tf.distribute.Strategy:
    """Makes the tf.distribute strategy for the devices of this process.

    Args:
      name: "auto" takes a TPU that TPU_NAME names or this machine has, else all its GPUs, else its one
        device; or "one_device", "mirrored", "tpu".
        Several workers train the super-supernet alone: see `training_strategy`.
      tpu: Name or address of the TPU, with "tpu"; see `make_tpu_strategy`.

    Raises:
      ScaleNetError: for another name, or a TPU that cannot be reached.
    """
    import tensorflow as tf

    _check(name)
    if name == "auto" and has_tpu():
        # Before the GPUs are looked at, which initialises the devices: a TPU has to come first.
        name = "tpu"
    if name == "multi_worker":
        raise ScaleNetError(
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
    """The strategy of the super-supernet's training; it waits for all workers that TF_CONFIG names.

    Args:
      name: As for `make_strategy`; "multi_worker" is every device of every worker, and what "auto"
        takes where TF_CONFIG names several.
      tpu: Name or address of the TPU, with "tpu".

    Raises:
      ScaleNetError: for a TF_CONFIG that does not fit, or for workers or a TPU that cannot be reached.
    """
    _check(name)
    cluster = read_cluster()
    if name == "multi_worker" and not cluster.addresses:
        raise ScaleNetError(
            "`strategy` multi_worker: the environment variable TF_CONFIG must name the workers and which of "
            f"them this process is, as in {EXAMPLE}. Received none. Set it on each worker, or give "
            "--strategy auto."
        )
    if cluster.several and name in ("auto", "multi_worker"):
        return _multi_worker(cluster)
    if cluster.several:
        # Each would train on its own, and write over the files of the others.
        raise ScaleNetError(
            f"`strategy` {name}: TF_CONFIG names {len(cluster.addresses)} workers. Give --strategy "
            "multi_worker, or unset TF_CONFIG to train in this process alone."
        )
    return make_strategy("auto" if name == "multi_worker" else name, tpu)


def check_batch(strategy: tf.distribute.Strategy, batch_size: int) -> None:
    """Checks that the replicas can share a batch in equal parts.

    Raises:
      ScaleNetError: with the nearest batch sizes that they can share.
    """
    count = strategy.num_replicas_in_sync
    if batch_size % count:
        less, more = batch_size // count * count, -(-batch_size // count) * count
        raise ScaleNetError(
            f"`supernet.batch_size` must be a multiple of the {count} replicas that share it. Received: "
            f"{batch_size}. Give {f'{less} or ' if less else ''}{more}, or other devices."
        )


def _check(name: str) -> None:
    if name not in NAMES:
        raise ScaleNetError(
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
        raise ScaleNetError(
            f"`strategy` multi_worker: worker {cluster.index} at {own} cannot join the workers of TF_CONFIG "
            f"({error}). See that its port is free, that the workers reach each other, and start all of them."
        ) from error
