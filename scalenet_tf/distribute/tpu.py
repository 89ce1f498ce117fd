"""Connects to a TPU, or fails within seconds if there is none."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scalenet_tf.errors import ConnectionLostError, first_line

if TYPE_CHECKING:
    import tensorflow as tf

PORT = 8470
SECONDS = 10.0


def make_tpu_strategy(tpu: str | None = None) -> tf.distribute.TPUStrategy:
    """Finds a TPU, connects to it, and initialises it.

    Args:
      tpu: Name of the TPU, its address as grpc://HOST:PORT, or "local" on the TPU's own machine. Default:
        TPU_NAME of the environment, else the machine's own TPU.

    Raises:
      ScaleNetError: If no TPU answers.
    """
    import tensorflow as tf

    tpu = tpu or os.environ.get("TPU_NAME") or ("local" if _own() else None)
    try:
        with _bounded():
            _reach(tpu or "")
            resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=tpu or "")
            if resolver.master():
                tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
    except (ValueError, OSError, RuntimeError, ImportError, tf.errors.OpError) as error:
        named = f"at {tpu!r}" if tpu else "and none is named"
        raise ConnectionLostError(
            f"`strategy` tpu: no TPU answers {named} ({first_line(error)}). Give --tpu NAME, "
            "--tpu grpc://HOST:PORT, or --tpu local on the TPU's own machine; or another --strategy."
        ) from error
    return tf.distribute.TPUStrategy(resolver)


def has_tpu() -> bool:
    """Returns whether the environment names a TPU (TPU_NAME) or this machine has one."""
    return bool(os.environ.get("TPU_NAME")) or _own()


def _own() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("TPU"))


def _reach(address: str) -> None:
    """Fails if nothing listens at grpc://HOST:PORT, where TensorFlow would wait for minutes."""
    if address.startswith("grpc://"):
        host, _, port = address.removeprefix("grpc://").partition(":")
        socket.create_connection((host, int(port or PORT)), timeout=SECONDS).close()


@contextmanager
def _bounded() -> Iterator[None]:
    """Limits the time to wait for a name service."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
