"""Public data beside the repository, which is not part of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2].parent / "shared"


def public_data(name: str) -> Path:
    """Path of a public file or folder; the test is skipped where it is absent.

    Args:
      name: Path below SCALENET_TEST_DATA, or below ../shared, such as "nas_bench_macro".
    """
    path = Path(os.environ.get("SCALENET_TEST_DATA", BESIDE)) / name
    if not path.exists():
        pytest.skip(f"needs {path}: set SCALENET_TEST_DATA to a folder that holds {name}")
    return path
