"""Exports with their digests: what is intact, damaged, or of an earlier version."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.errors import DamagedFileError, NotReadyError
from scalenet_tf.run import Run
from scalenet_tf.run.export_digests import (
    check_export,
    exported_formats,
    find_damage,
    folder_digests,
    loading,
)
from scalenet_tf.run.exports import Format, export_folder
from scalenet_tf.run.metrics import MemberEnvironment, trained_metrics
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import write_value
from tests.helpers.stored import record_export

FORM = Format.litert


def exported(run: Run, *, with_digests: bool = True) -> Path:
    """Writes an export of s0 whose content does not matter, as an earlier version did without digests."""
    folder = export_folder(run, 0, FORM)
    files.write_bytes(folder / "model.tflite", b"network")
    files.write_bytes(folder / "more" / "labels", b"a b")
    record_export(run, FORM)
    metrics = trained_metrics(run, 0)
    digests = {str(FORM): folder_digests(folder)} if with_digests else None
    changed = metrics.environment.model_copy(update={"export_digests": digests})
    write_value(run.member_files(0).metrics, metrics.model_copy(update={"environment": changed}))
    return folder


def test_a_changed_a_missing_and_a_further_file(tmp_path: Path) -> None:
    files.write_bytes(tmp_path / "a", b"1")
    files.write_bytes(tmp_path / "deep" / "b", b"2")
    digests = folder_digests(tmp_path)
    assert sorted(digests) == ["a", "deep/b"] and find_damage(tmp_path, digests) is None
    files.write_bytes(tmp_path / "c", b"3")
    assert find_damage(tmp_path, digests) is None
    files.write_bytes(tmp_path / "deep" / "b", b"3")
    assert "deep/b' was changed after it was written" in str(find_damage(tmp_path, digests))
    (tmp_path / "a").unlink()
    assert "a' is missing" in str(find_damage(tmp_path, digests))
    assert find_damage(tmp_path, None) is None


@pytest.mark.parametrize("content", [b"", b"networ", b"garbage", None])
def test_a_damaged_export_is_named_with_the_command_that_writes_it_again(
    finished_run: Run, content: bytes | None
) -> None:
    folder = exported(finished_run)
    assert check_export(finished_run, 0, FORM) == folder
    (folder / "model.tflite").unlink() if content is None else files.write_bytes(
        folder / "model.tflite", content
    )
    text = rf"model\.tflite' .*Export it again with: scalenet export --run .* --stage 0 --format {FORM}"
    with pytest.raises(DamagedFileError, match=text):
        check_export(finished_run, 0, FORM)


def test_an_export_of_an_earlier_version_is_accepted_and_named_if_it_cannot_be_loaded(
    finished_run: Run,
) -> None:
    folder = exported(finished_run, with_digests=False)
    files.write_bytes(folder / "model.tflite", b"garbage")
    assert check_export(finished_run, 0, FORM) == folder
    text = r"litert/1' cannot be loaded \(bad bytes\). Remove that folder, then export .* --format litert"
    with pytest.raises(DamagedFileError, match=text), loading(finished_run, 0, FORM):
        raise RuntimeError("bad bytes\nand a long trace")


def test_no_export_is_not_damage(finished_run: Run) -> None:
    with pytest.raises(NotReadyError, match=r"s0 .* is not exported yet.*--format litert"):
        check_export(finished_run, 0, FORM)


def test_an_export_of_a_former_training_is_none_of_the_weights(finished_run: Run) -> None:
    """A member whose metrics.json was removed and written again by a training has nothing recorded."""
    folder = exported(finished_run)
    stored, metrics = finished_run.member_files(0).metrics, trained_metrics(finished_run, 0)
    assert FORM in exported_formats(finished_run, 0)
    anew = MemberEnvironment.now(1.0)
    write_value(stored, metrics.model_copy(update={"environment": anew}))
    assert (folder / "model.tflite").is_file() and exported_formats(finished_run, 0) == []
    for form in (FORM, Format.saved_model):
        with pytest.raises(NotReadyError, match=r"s0 .* is not exported yet"):
            check_export(finished_run, 0, form)
