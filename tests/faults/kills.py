"""The class of kills: kill -9 at a random moment or at a change of a file; the same command ends alike."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from scalenet_tf.run.layout import RunFolder
from tests.faults.attempt import OTHER, UNAFFECTED, Attempt, Outcome, call, judge
from tests.faults.commands import Command
from tests.faults.refusing_system import REPEATED, command_of
from tests.faults.workshop import Workshop

COMMANDS_TO_KILL = (*REPEATED, "retrain, half", "search, half")
SMALL = ("report",)
MOMENTS, CHANGES = 2, 3


def kills(shop: Workshop) -> Iterator[Attempt]:
    """Yields attempts to kill each command that writes, at random moments and at random changes of files."""
    for name in SMALL if shop.small else COMMANDS_TO_KILL:
        for number in range(1 if shop.small else CHANGES):
            key = f"{name} | change {number}"
            part = shop.rng(key).random()
            yield Attempt(f"{key}: {part:.3f}", lambda n=name, p=part: _at_change(shop, n, p))
        for number in range(0 if shop.small else MOMENTS):
            part = shop.rng(f"{name} | moment {number}").random()
            yield Attempt(
                f"{name} | moment {number}: {part:.3f}", lambda n=name, p=part: _at_moment(shop, n, p)
            )


@dataclass(frozen=True)
class Clean:
    """A command that is not killed, in a process of its own.

    Attributes:
      answer: What it answered or made.
      seconds: Its time.
      changes: Number of changes of files that it makes.
    """

    answer: object
    seconds: float
    changes: int


@cache
def _clean(shop: Workshop, name: str) -> Clean:
    command, run = command_of(name), RunFolder(shop.copy())
    command.prepare(run)
    began = time.monotonic()
    process = _start(shop, command, run, 0)
    _, error = process.communicate()
    if process.returncode:
        raise AssertionError(f"{name} fails without a kill: {error}")
    seconds = time.monotonic() - began
    return Clean(command.answer(run, call(*command.words(shop, run.path))), seconds, int(error.split()[-1]))


def _at_change(shop: Workshop, name: str, part: float) -> Outcome:
    return _attempt(shop, name, 1 + int(part * _clean(shop, name).changes), None)


def _at_moment(shop: Workshop, name: str, part: float) -> Outcome:
    return _attempt(shop, name, 0, part * _clean(shop, name).seconds)


def _attempt(shop: Workshop, name: str, change: int, seconds: float | None) -> Outcome:
    command, run = command_of(name), RunFolder(shop.copy())
    command.prepare(run)
    process = _start(shop, command, run, change)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    answer = call(*command.words(shop, run.path))
    if answer.code != 0:
        found = judge(answer, (), lambda: True)
        return Outcome(OTHER, f"not resumed: {found.text}")
    same = command.answer(run, answer) == _clean(shop, name).answer
    left = [str(path) for path in run.path.rglob("*.tmp*")]
    if same and not left:
        return Outcome(UNAFFECTED, f"exit code {process.returncode}")
    return Outcome(OTHER, f"exit code {process.returncode}, left: {left}" if same else "another result")


def _start(shop: Workshop, command: Command, run: RunFolder, change: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.faults.killed", str(run.path), str(change)]
    return subprocess.Popen(
        [*words, *command.words(shop, run.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
