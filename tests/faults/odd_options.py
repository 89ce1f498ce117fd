"""The class of odd values in every option and argument of the commands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import chdir
from typing import Any

from typer.main import get_command

from scalenet_tf.cli.main import app
from scalenet_tf.run.layout import RunFolder
from tests.faults.attempt import OTHER, Attempt, Outcome, call, judge
from tests.faults.commands import first_member_alone
from tests.faults.odd_keys import MOST_TEXT
from tests.faults.workshop import Workshop
from tests.helpers.odd_texts import ODD

TEXTS = 12  # for each option, drawn by the seed
SHARE = 15  # Of the attempts, the suite makes one.
# Words of each command that leave nothing to do, in a folder with a finished run called `copy` and an image.
# `run` has the options of `train`.
WORDS: dict[str, tuple[str, ...]] = {
    "train": ("--run", "copy"),
    "search": ("--run", "copy"),
    "scale": ("--run", "copy"),
    "retrain": ("--run", "copy", "--stage", "0"),
    "export": ("--run", "copy", "--stage", "0"),
    "report": ("--run", "copy"),
    "best": ("--run", "copy"),
    "evaluate": ("--run", "copy", "--stage", "0"),
    "predict": ("image.png", "--run", "copy", "--stage", "0"),
    "transfer": ("--run", "copy", "--stage", "0", "--data", "bundled", "--output", "new"),
    "compress": ("--run", "copy", "--stage", "0", "--method", "ptq-float16"),
    "serve-files": ("--run", "copy", "--output", "serving"),
    "serve-check": ("--run", "copy", "--model", "s0", "--target", "127.0.0.1:1", "--timeout", "1"),
    "info space": ("small",),
    "info config": (),
    "info recipe": ("default",),
    "info family": (),
    "info run": ("copy",),
    "info data": ("bundled",),
    "profile members": ("--run", "copy", "--stage", "7"),
    "profile blocks": ("--space", "small", "--stage", "99"),
}
# Commands that the suite tries: those of a run with a member that is trained and exported, and of none.
SMALL = (
    *("info space", "info config", "info recipe", "info family", "info run", "info data"),
    *("predict", "evaluate", "report", "profile blocks"),
)
# Texts that are paths elsewhere, or nothing that a command line can hold.
_NOT_HERE = ("/", "/dev/null", "/etc/passwd", "~", "memory://none")
# Options that begin work of hours if their text is right.
_WORK = {
    ("search", "--rounds"),
    ("search", "--chief"),
    ("search", "--worker"),
    ("retrain", "--jobs"),
    ("profile blocks", "--stage"),
}


def odd_options(shop: Workshop) -> Iterator[Attempt]:
    """Yields an attempt for each option and argument of each command, and some odd texts."""
    for command in SMALL if shop.small else WORDS:
        found: Any = get_command(app)
        for name in command.split():
            found = found.commands[name]
        for parameter in found.params:
            named = parameter.param_type_name == "option"
            option = parameter.opts[0] if named else ""
            if (named and parameter.is_flag) or (command, option) in _WORK:
                continue
            texts = [text for text in ODD if "\0" not in text and text not in _NOT_HERE]
            for value in shop.rng(f"{command} {option}").sample(texts, TEXTS):
                name = f"{command} {option or parameter.name} | {ODD.index(value)} {value[:20]!a}"
                if not shop.small or shop.rng(name).randrange(SHARE) == 0:
                    yield Attempt(
                        name,
                        lambda c=command, o=option, n=parameter.name, v=value: _attempt(shop, c, o, n, v),
                    )


def _attempt(shop: Workshop, command: str, option: str, name: str, value: str) -> Outcome:
    run = RunFolder(shop.copy())
    if command == "serve-files":
        first_member_alone(run)
    shop.image  # noqa: B018 (makes it)
    before = {path.name for path in shop.folder.iterdir()}
    rest = list(WORDS[command])
    if option in rest:
        del rest[rest.index(option) : rest.index(option) + 2]
    with chdir(shop.folder):
        # As one word or after `--`, since a value may begin with a dash.
        words = [*rest, f"{option}={value}"] if option else [*rest[1:], "--", value]
        answer = call(*command.split(), *words)
    for path in shop.folder.iterdir():
        if path.name not in before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if len(answer.error) > 2 * MOST_TEXT:
        return Outcome(OTHER, f"an error of {len(answer.error)} characters: {answer.error[:200]}")
    # --set names the key, and a run, a file or a source is named by its text.
    forms = (name, name.replace("_", "-"), name.upper(), name.removeprefix("max_"))
    names = (option, option.strip("-"), *forms, repr(value)[1:20], "`", "argument")
    return judge(answer, tuple(filter(None, names)), lambda: True)
