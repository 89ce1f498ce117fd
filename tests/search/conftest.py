from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from scalenet_tf.search.oracle import ScaleNetOracle


# The imports wait for their tests: Keras Tuner loads TensorFlow, and most tests here need neither.
@pytest.fixture
def released_projects() -> Iterator[None]:
    """Releases the projects of all oracles that a test has made."""
    from tests.helpers.oracles import MADE

    yield
    while MADE:
        MADE.pop().end()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[ScaleNetOracle, Path]:
    """The oracle of a finished search, and its project folder."""
    from tests.helpers.oracles import make, run_to_end

    path = tmp_path_factory.mktemp("whole") / "search"
    return run_to_end(make(path)), path
