"""What the tests of pipelines share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.compiled import CASES, compiled


@pytest.fixture(scope="session")
def compiled_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pipeline compiled for every case; read only."""
    folder = tmp_path_factory.mktemp("compiled")
    return {case: compiled(case, folder) for case in CASES}
