"""The class of damaged files: every file of a run, every damage, every command that reads the file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.locks import LOCKS
from tests.faults.attempt import UNAFFECTED, Answer, Attempt, Outcome, call, judge, shown
from tests.faults.commands import COMMANDS, Command
from tests.faults.damages import DAMAGES
from tests.faults.workshop import Workshop

# Commands whose answers come fast enough for the suite, and the part of their attempts that it makes.
SMALL = ("info run", "report", "evaluate", "evaluate --file saved_model", "predict")
SHARE = 6
# Texts that users may write too: tests/config and tests/presets try odd ones by the hundred.
YAML = ("config.yaml", "space.json")
GONE = ("missing", "folder", "pipe", "empty")
STATES = ("info run", "report", "info run, half", "report, half")  # They tell what is there.


def damaged_files(shop: Workshop) -> Iterator[Attempt]:
    """Yields an attempt for each command, file that it reads, and damage."""
    for name, command in COMMANDS.items():
        if shop.small and name not in SMALL:
            continue
        clean, read = _clean_call(shop, command)
        for file in read:
            for damage in DAMAGES:
                key = f"{name} | {file} | {damage}"
                own = file not in YAML and shop.rng(key).randrange(SHARE) == 0
                if own or not shop.small:
                    yield Attempt(key, lambda n=name, f=file, d=damage, c=clean: _attempt(shop, n, f, d, c))


def _attempt(shop: Workshop, name: str, file: str, damage: str, clean: object) -> Outcome:
    command, run = COMMANDS[name], RunFolder(shop.copy())
    command.prepare(run)
    DAMAGES[damage](run.path / file, shop.rng(f"{name} | {file} | {damage}"))
    answer = call(*command.words(shop, run.path))

    def as_before() -> bool:
        try:
            return command.answer(run, answer) == clean
        except (OSError, ValueError, KeyError):
            return False

    # A checkpoint or a SavedModel is one thing of several files.
    names = [Path(file).name, str((run.path / file).parent)]
    if damage in GONE:
        # The same as a step that was not done yet: the error names the run and the step.
        names.append(str(run.path))
        if answer.code == 0 and name in STATES:
            return Outcome(UNAFFECTED)
    return judge(answer, tuple(names), as_before)


def _clean_call(shop: Workshop, command: Command) -> tuple[object, list[str]]:
    """Calls a command on a run without damage: returns its answer, and the files of the run that it reads."""
    run = RunFolder(shop.copy())
    command.prepare(run)
    there = {shown(path, run.path) for path in run.path.rglob("*") if path.is_file()}
    opened: set[str] = set()
    _watchers.append((str(run.path), opened))
    answer: Answer = call(*command.words(shop, run.path))
    _watchers.clear()
    if answer.code != 0:
        raise AssertionError(f"{command.words(shop, run.path)} fails without damage: {answer.error}")
    unseen = {shown(path, run.path) for pattern in command.reads for path in run.path.glob(pattern)}
    read = sorted(file for file in (opened | unseen) & there if LOCKS not in file and "html" not in file)
    return command.answer(run, answer), read


_watchers: list[tuple[str, set[str]]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _watchers and isinstance(arguments[0], str | bytes | os.PathLike):
        root, opened = _watchers[-1]
        path = os.fsdecode(arguments[0])
        if path.startswith(root + os.sep):
            opened.add(path[len(root) + 1 :])


sys.addaudithook(_watch)
