"""A chief in this process, at a real port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scalenet_tf.search.distributed.role import Role

if TYPE_CHECKING:
    from scalenet_tf.search.oracle import ScaleNetOracle


@pytest.fixture
def role(monkeypatch: pytest.MonkeyPatch) -> Role:
    """A worker's, at a free port, with Keras Tuner's variables set until the end of the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        role = Role("w0", "127.0.0.1", free.getsockname()[1])
    variables: dict[str, str] = {}
    role.enter(variables)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return role


@pytest.fixture
def chief(
    request: pytest.FixtureRequest, role: Role, tmp_path: Path
) -> Iterator[tuple[ScaleNetOracle, threading.Thread]]:
    """The chief of a search with `CONFIG`, or with the configuration or the seconds of a lease of a test."""
    # The imports wait for their tests: Keras Tuner loads TensorFlow.
    from scalenet_tf.search.distributed.chief import serve
    from scalenet_tf.search.distributed.credentials import Credentials
    from tests.helpers.chiefs import make
    from tests.helpers.tiny_search import CONFIG, MadeUpTraining

    given = getattr(request, "param", CONFIG)
    config, lease_seconds = (given, 1.0) if isinstance(given, type(CONFIG)) else (CONFIG, given)
    oracle = make(config=config, training=MadeUpTraining.digest, lease_seconds=lease_seconds)
    oracle._set_project_dir(str(tmp_path), "search")
    oracle.begin()
    credentials = Credentials(tmp_path / "search" / "secret")
    thread = threading.Thread(target=serve, args=(oracle, credentials, 0.5), daemon=True)
    thread.start()
    yield oracle, thread
    oracle.failure = "the test is over"
    thread.join(20)
    oracle.end()
