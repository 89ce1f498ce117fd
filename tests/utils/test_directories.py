"""A run's directory is refused at the start, or everything can be written there and read again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import tensorflow as tf
from typer.main import get_command
from typer.testing import CliRunner

from scalenet_tf.cli.main import app
from scalenet_tf.config import load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.serving import serve_files
from scalenet_tf.utils.directories import check_directory

USABLE = (
    "a b",
    " a",
    "a ",
    "a'b",
    'a"b',
    "a{b}",
    "a#b",
    "a;b",
    "$a",
    "a%s",
    "é",
    "日本",
    "-a",
    "~",
    "a:b",
    "a&b|c",
    "x" * 200,
)  # fmt: skip
REFUSED = {
    "a[1]": r"must not hold \[ \] in its path, which TensorFlow takes for a pattern",
    "a]": r"must not hold \]",
    "a*": r"must not hold \*",
    "a?": r"must not hold \?",
    "a\\b": "must not hold",
    "a\nb": "control characters",
    "a\tb": "control characters",
    "a\0b": "control characters",
    "a\x1b[31mb": "must not hold",
    os.fsdecode(b"a\xff"): "must have a path in UTF-8",
    "gs://bucket/run": "not a URL",
    "x" * 201: "at most 2000 bytes, and 200 in each name",
    "é" * 101: "at most 2000 bytes, and 200 in each name",
    "/".join(["abc"] * 501): "at most 2000 bytes",
}  # fmt: skip


@pytest.mark.parametrize("name", USABLE)
def test_what_is_written_to_a_directory_that_is_not_refused_can_be_read(tmp_path: Path, name: str) -> None:
    path = check_directory("run", tmp_path / name)
    run = Run.open_or_create(path, load_config("smoke"))
    assert Run.open(str(path)) == run
    state = tf.train.Checkpoint(x=tf.Variable(3.0))
    manager = tf.train.CheckpointManager(state, str(run.supernet), max_to_keep=1)
    for number in (1, 2):
        written = manager.save(checkpoint_number=number)
    state.x.assign(0.0)
    assert tf.train.latest_checkpoint(str(run.supernet)) == written
    state.restore(written).assert_consumed()
    assert state.x.numpy() == 3 and len(list(run.supernet.glob("ckpt-*.index"))) == 1


def test_an_exported_model_is_loaded_from_an_odd_directory(tmp_path: Path) -> None:
    path = str(check_directory("run", tmp_path / "a 'b' {c} é") / "saved_model")
    module = tf.Module()
    module.double = tf.function(lambda x: 2 * x, input_signature=[tf.TensorSpec([], tf.float32)])
    tf.saved_model.save(module, path)
    assert tf.saved_model.load(path).double(2.0).numpy() == 4


@pytest.mark.parametrize("name", REFUSED)
def test_other_directories_are_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for act in (
        lambda: Run.open_or_create(name, load_config("smoke")),
        lambda: Run.open(name),
        lambda: Run.join(name, patience=0),
    ):
        with pytest.raises(ScaleNetError, match=f"`run` .*{REFUSED[name]}"):
            act()
    assert not list(tmp_path.iterdir())


def commands_of_runs() -> list[list[str]]:
    """Every command that takes --run, with the other options that it requires."""
    found = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", {"": command})
        for sub, leaf in below.items():
            options = [option for option in leaf.params if "--run" in option.opts]
            if not options:
                continue
            values = {
                "stage": "0",
                "data": "bundled",
                "output": "out",
                "method": "ptq-int8",
                "url": "http://x",
            }
            words = [name, *([sub] if sub else []), "--run", "a[1]"]
            for option in leaf.params:
                if option.required and option not in options:
                    value = values.get(str(option.name), "x")
                    words += [value] if option.param_type_name == "argument" else [option.opts[0], value]
            found.append(words)
    return found


@pytest.mark.parametrize("words", [*commands_of_runs(), ["info", "run", "a[1]"]], ids=" ".join)
def test_every_command_refuses_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, words)
    assert isinstance(result.exception, ScaleNetError), (result.output, result.exception)
    assert "`run` must not hold [ ] in its path" in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_serving_files_are_not_written_there_either(family_run: Run, tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"`output` must not hold \*"):
        serve_files(family_run, tmp_path / "a*")
