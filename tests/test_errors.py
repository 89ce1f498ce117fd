"""Errors by kind: what a program can tell apart, and that a kind survives the way from a child process."""

from __future__ import annotations

from pathlib import Path

import pytest

import scalenet_tf as sn
from scalenet_tf import errors, steps
from scalenet_tf.run import Run
from scalenet_tf.search.distributed.client import ChiefLostError
from scalenet_tf.serving.client import ServedModel
from scalenet_tf.serving.rest_client import RestClient
from scalenet_tf.utils import files
from scalenet_tf.utils.child_error import read_error, write_error
from scalenet_tf.utils.tf_setup import determinism_restored

KINDS = (
    sn.InvalidInputError,
    sn.NotReadyError,
    sn.DivergedError,
    sn.DamagedFileError,
    sn.ConnectionLostError,
)


def test_every_kind_is_a_public_scalenet_error() -> None:
    assert set(sn.ScaleNetError.__subclasses__()) >= set(KINDS)
    for kind in KINDS:
        assert kind is getattr(errors, kind.__name__) and kind.__name__ in sn.__all__ and kind.__doc__


def test_the_nearest_word_is_named_as_users_write_it() -> None:
    assert errors.nearest("onnxx", sn.Format) == " Did you mean 'onnx'?"
    assert errors.nearest("smok", ["quickstart", "smoke"]) == " Did you mean 'smoke'?"


def test_input_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(sn.InvalidInputError, match=r"unknown key `search\.round`"):
        sn.load_config("smoke", ["search.round=3"])
    with pytest.raises(sn.InvalidInputError, match="must be the directory of a run"):
        Run.open(tmp_path)


def test_a_result_that_is_not_there_yet(tmp_path: Path, searched_run: Run) -> None:
    new = Run.open_or_create(tmp_path / "new", sn.load_config("smoke"))
    with pytest.raises(sn.NotReadyError, match="scalenet search"):
        steps.scale(new)
    with pytest.raises(sn.NotReadyError, match="Write it with: scalenet scale"), determinism_restored():
        steps.export(searched_run)


def test_a_damaged_file(family_run: Run) -> None:
    text = family_run.family_file.read_text("utf-8")
    files.write_text(family_run.family_file, text[: len(text) // 2])
    with pytest.raises(sn.DamagedFileError, match="is damaged"):
        family_run.family()


def test_a_server_that_does_not_answer() -> None:
    client = RestClient("localhost:9", ServedModel("s0"), timeout=5)
    with pytest.raises(sn.ConnectionLostError, match="no server answers there"):
        client.version()


@pytest.mark.parametrize("kind", [*KINDS, sn.ScaleNetError])
def test_a_childs_error_keeps_kind_and_text(kind: type[sn.ScaleNetError], tmp_path: Path) -> None:
    assert read_error(tmp_path / "error.json") is None
    write_error(tmp_path / "error.json", kind("what is wrong:\n  ä"))
    error = read_error(tmp_path / "error.json")
    assert type(error) is kind and str(error) == "what is wrong:\n  ä"


def test_a_kind_of_another_module_counts_as_its_parent(tmp_path: Path) -> None:
    write_error(tmp_path / "error.json", ChiefLostError("gone"))
    assert type(read_error(tmp_path / "error.json")) is sn.ConnectionLostError


def test_the_first_line_that_says_something() -> None:
    graph = "Graph execution error:\n\nDetected at node D\n<stack traces unavailable>\nUnknown.\n [[x]]"
    assert errors.first_line(ValueError(graph)) == "Unknown."
    assert errors.first_line(ValueError("one\ntwo")) == "one"
    assert errors.first_line(ValueError("\n")) == errors.first_line(ValueError()) == "ValueError"


def test_a_notebook_shows_the_text_alone(capsys: pytest.CaptureFixture[str]) -> None:
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell()
    shell.run_cell("from scalenet_tf import InvalidInputError\nraise InvalidInputError('`seed` is wrong')")
    shown = capsys.readouterr().out
    assert "InvalidInputError: `seed` is wrong" in shown and "Traceback" not in shown
