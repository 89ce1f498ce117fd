"""Two real worker processes that share a global batch do what one process does with all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.workers import start_workers

SCRIPT = ("-m", "tests.helpers.two_workers")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sharing", "dtype", "steps", "tolerance"),
    [("op", "float32", 1, 1e-5), ("op", "float64", 20, 1e-8), ("slot", "float64", 20, 1e-8)],
)
def test_two_workers_take_the_steps_of_one(
    tmp_path: Path, sharing: str, dtype: str, steps: int, tolerance: float
) -> None:
    alone = [sys.executable, *SCRIPT, sharing, dtype, str(steps), str(tmp_path / "alone.npz")]
    subprocess.run(alone, check=True, timeout=500)
    own = {index: [tmp_path / f"{index}.npz"] for index in (0, 1)}
    processes = start_workers(2, *SCRIPT, sharing, dtype, str(steps), output=tmp_path, own=own)
    for index, process in enumerate(processes):
        assert process.wait(timeout=500) == 0, (tmp_path / f"{index}.txt").read_text()[-4000:]
    expected, chief, other = (np.load(tmp_path / f"{name}.npz") for name in ("alone", "0", "1"))
    for name in expected.files:
        np.testing.assert_array_equal(chief[name], other[name], err_msg=name)
        np.testing.assert_allclose(chief[name], expected[name], rtol=0, atol=tolerance, err_msg=name)
