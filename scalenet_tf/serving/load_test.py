"""Latency of a server under a given load."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.progress import Progress

from scalenet_tf.serving.client import Client
from scalenet_tf.utils.inputs import check_least
from scalenet_tf.utils.progress import bar_console, hidden


@dataclass(frozen=True)
class Load:
    """Requests of several concurrent clients, each waiting for its response.

    Args:
      requests: Total number of requests; 0 to measure nothing.
      concurrency: Number of clients.
      batch: Images per request.

    Raises:
      ScaleNetError: If one of them is too small.
    """

    requests: int = 200
    concurrency: int = 4
    batch: int = 1

    def __post_init__(self) -> None:
        for name, least in (("requests", 0), ("concurrency", 1), ("batch", 1)):
            check_least(name, getattr(self, name), least)


@dataclass(frozen=True)
class Latency:
    """Latency as the clients see it.

    Attributes:
      protocol: "gRPC" or "REST".
      load: Load under which it was measured.
      p50: Median milliseconds from a request to its response.
      p90: 90th percentile in milliseconds.
      p99: 99th percentile in milliseconds.
      images_per_second: Throughput over all clients.
    """

    protocol: str
    load: Load
    p50: float
    p90: float
    p99: float
    images_per_second: float


def measure(connect: Callable[[], Client], prepared: Sequence[Any], load: Load) -> Latency:
    """Measures the latency of a server, after one request of each client as warm-up.

    Args:
      connect: Function that makes a client.
      prepared: Requests of `load.batch` images, sent in turn.
      load: Number of requests and of clients.

    Raises:
      ScaleNetError: If a request fails.
    """
    numbers = itertools.count()
    failed = threading.Event()
    console = bar_console(stderr=True)
    progress = Progress(console=console, transient=True, disable=hidden(console))
    task = progress.add_task("measuring latency", total=load.requests)

    def ask(client: Client) -> list[float]:
        seconds = []
        # Taking the next number is atomic in CPython.
        while (number := next(numbers)) < load.requests and not failed.is_set():
            begun = time.perf_counter()
            try:
                client.send(prepared[number % len(prepared)])
            except BaseException:
                failed.set()
                raise
            seconds.append(time.perf_counter() - begun)
            progress.advance(task)
        return seconds

    with ExitStack() as stack:
        clients = [stack.enter_context(closing(connect())) for _ in range(load.concurrency)]
        for client in clients:
            client.send(prepared[0])
        threads = stack.enter_context(ThreadPoolExecutor(load.concurrency))
        # Before the threads are waited for: an interrupted test sends no more.
        stack.callback(failed.set)
        stack.enter_context(progress)
        begun = time.perf_counter()
        found = [future.result() for future in [threads.submit(ask, client) for client in clients]]
        whole = time.perf_counter() - begun
    p50, p90, p99 = 1000 * np.percentile(list(itertools.chain(*found)), [50, 90, 99])
    protocol = clients[0].protocol
    return Latency(protocol, load, float(p50), float(p90), float(p99), load.requests * load.batch / whole)
