"""Damaged exports of a trained member: nothing uses them, and the advice of the error writes them again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.errors import DamagedFileError
from scalenet_tf.export import evaluate_file, export_member
from scalenet_tf.members import evaluate_member, predict_member
from scalenet_tf.profiling.members import profile_members
from scalenet_tf.run import Run
from scalenet_tf.run.metrics import trained_metrics
from scalenet_tf.serving.client import ServedModel
from scalenet_tf.serving.family_folder import serve_files
from scalenet_tf.serving.server_check import check_server
from scalenet_tf.utils.value_file import write_value

USES: dict[str, Callable[[Run, Path], object]] = {
    "predict": lambda run, _: predict_member(run, 0, [run.path]),
    "evaluate": lambda run, _: evaluate_file(run, 0, "saved_model"),
    "serve-files": lambda run, new: serve_files(run, new),
    "serve-check": lambda run, _: check_server(run, ServedModel("s0"), "localhost:1"),
    "profile": lambda run, _: profile_members(run, [0]),
}


def flip(file: Path) -> None:
    """Flips one bit in the middle of a file."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_one_flipped_bit_stops_every_use_and_another_export_mends_it(
    exported_run: Run, tmp_path: Path
) -> None:
    folder = exported_run.member_files(0).saved_model
    before = trained_metrics(exported_run, 0).environment.export_digests
    assert before is not None and "saved_model.pb" in before["saved_model"]
    flip(folder / "saved_model.pb")
    for name, use in USES.items():
        with pytest.raises(DamagedFileError, match=r"saved_model\.pb' was changed .*Export it again with: "):
            use(exported_run, tmp_path / name)
        assert not (tmp_path / name).exists()
    export_member(exported_run, 0)
    assert evaluate_file(exported_run, 0, "saved_model").images == 4000
    whole = (folder / "saved_model.pb").stat().st_mtime_ns
    export_member(exported_run, 0)
    assert (folder / "saved_model.pb").stat().st_mtime_ns == whole


@pytest.mark.slow
def test_a_damaged_export_without_digests_is_named(exported_run: Run) -> None:
    metrics = trained_metrics(exported_run, 0)
    earlier = metrics.environment.model_copy(update={"export_digests": None})
    write_value(exported_run.member_files(0).metrics, metrics.model_copy(update={"environment": earlier}))
    assert evaluate_file(exported_run, 0, "saved_model").images == 4000
    folder = exported_run.member_files(0).saved_model
    (folder / "saved_model.pb").write_bytes(b"garbage")
    for use in (USES["predict"], USES["evaluate"], USES["serve-check"]):
        with pytest.raises(DamagedFileError, match=r"saved_model/1' cannot be loaded .*Remove that folder"):
            use(exported_run, folder)
    shutil.rmtree(folder)
    export_member(exported_run, 0)
    assert evaluate_file(exported_run, 0, "saved_model").images == 4000


def test_weights_of_another_training_are_refused(trained_run: Run) -> None:
    file = trained_run.member_files(0).weights
    with np.load(file) as arrays:
        weights = dict(arrays)
    weights["classifier/bias"] = weights["classifier/bias"] + 1
    np.savez(file, **weights)
    with pytest.raises(DamagedFileError, match=r"weights\.npz' does not hold the weights that the training"):
        evaluate_member(trained_run, 0)
