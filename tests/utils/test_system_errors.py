"""Errors of the system: readable with file and advice, and nothing else is taken for one."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.utils.system_errors import as_user_error, user_errors

NUMBERS = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENOENT, errno.EIO, errno.ENOTDIR, errno.ESTALE)


@pytest.mark.parametrize("number", NUMBERS, ids=errno.errorcode.get)
def test_the_file_the_cause_and_the_next_step_are_named(number: int) -> None:
    text = rf"^'r/family\.json': {os.strerror(number)}\. .+, then run the same command again: what was saved"
    with pytest.raises(ScaleNetError, match=text), user_errors():
        raise OSError(number, os.strerror(number), "r/family.json")


def test_a_name_that_is_not_utf_8_can_be_printed() -> None:
    found = as_user_error(OSError(errno.EACCES, "Permission denied", b"r\xe9/caf\xe9.png"))
    assert found is not None and "caf" in str(found).encode("utf-8", "backslashreplace").decode()


def test_an_error_of_tensorflows_files_is_one_of_the_system(tmp_path: Path) -> None:
    import tensorflow as tf

    (tmp_path / "file").write_text("")
    with pytest.raises(ScaleNetError, match=r"Not a directory\. Move the file away"), user_errors():
        tf.io.write_file(str(tmp_path / "file" / "ckpt-1"), b"")


def test_tensorflow_may_name_no_file(tmp_path: Path) -> None:
    import tensorflow as tf

    (tmp_path / "file").write_text("")
    with pytest.raises(ScaleNetError, match=r"^a file of TensorFlow's: Not a directory\. "), user_errors():
        tf.summary.create_file_writer(str(tmp_path / "file")).init()


@pytest.mark.parametrize(
    "error",
    [KeyError("a"), OSError("h5py says no"), RuntimeError("x"), ConnectionRefusedError(111, "refused")],
)
def test_other_errors_stay_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as found, user_errors():
        raise error
    assert found.value is error


def test_an_error_of_a_user_stays_what_it_is() -> None:
    with pytest.raises(InvalidInputError), user_errors():
        raise InvalidInputError("`seed` must be …")
