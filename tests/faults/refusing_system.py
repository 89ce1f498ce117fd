"""The class of systems that refuse: full disks, read-only storage, things in the place of others."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from scalenet_tf.run.layout import RunFolder
from tests.faults.attempt import Answer, Attempt, Outcome, call, judge
from tests.faults.commands import COMMANDS, Command
from tests.faults.workshop import Workshop
from tests.helpers.full_disk import full_disk

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# Commands that write to a run.
REPEATED = (
    *("report", "scale, again", "retrain, resumed", "search, resumed", "train, resumed"),
    *("retrain, begun", "export, again"),
)
SMALL = ("report",)


def _unexported(run: RunFolder) -> None:
    run.member_files(0).state.unlink(missing_ok=True)
    shutil.rmtree(run.member_files(0).saved_model)


def command_of(name: str) -> Command:
    """Returns a command of `REPEATED`."""
    if name != "export, again":
        return COMMANDS[name]
    return Command(COMMANDS["export"].words, _unexported, _probabilities)


def _probabilities(run: RunFolder, _: Answer) -> object:
    """Returns what the SavedModel answers to an image of zeros. Its files differ between exports."""
    import tensorflow as tf

    model = tf.saved_model.load(str(run.member_files(0).saved_model))
    signature = model.signatures["serving_default"]
    [(name, spec)] = signature.structured_input_signature[1].items()
    answers = signature(**{name: tf.zeros([1, 16, 16, spec.shape[-1]], spec.dtype)})
    return {key: value.numpy().tolist() for key, value in answers.items()}


def refusing_system(shop: Workshop) -> Iterator[Attempt]:
    """Yields an attempt for each command that writes, and each way in which the system refuses."""
    for name in SMALL if shop.small else REPEATED:
        for refusal in REFUSALS:
            yield Attempt(f"{name} | {refusal}", lambda n=name, r=refusal: _attempt(shop, n, r))


def _attempt(shop: Workshop, name: str, refusal: str) -> Outcome:
    command, run = command_of(name), RunFolder(shop.copy())
    command.prepare(run)
    with REFUSALS[refusal](run.path):
        answer = call(*command.words(shop, run.path))
    # A command that had nothing to write is not affected; one that wrote half would be found by its code.
    return judge(answer, (str(run.path),), lambda: True)


@contextmanager
def _refused(run: Path, number: int) -> Iterator[None]:
    """Python's calls that open files of a run for writing, or make folders in it, fail with an error."""
    _refusals.append((str(run), number))
    try:
        yield
    finally:
        _refusals.clear()


_refusals: list[tuple[str, int]] = []
_CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir"}


def changed_path(event: str, arguments: tuple[Any, ...]) -> str | None:
    """Returns the path of a file or folder that an audited event changes, or None."""
    if not isinstance(arguments[0] if arguments else None, str | bytes | os.PathLike):
        return None
    changes = event in _CHANGES or (event == "open" and (arguments[2] or 0) & WRITING)
    return os.fsdecode(arguments[0]) if changes else None


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if not _refusals:
        return
    path, (root, number) = changed_path(event, arguments), _refusals[-1]
    if path is not None and path.startswith(root):
        raise OSError(number, os.strerror(number), path)


def _in_the_way(run: Path) -> AbstractContextManager[None]:
    """Files are in the places of folders that commands make, and folders in those of files."""
    for name in ("supernet/tensorboard", "search"):
        if (run / name).is_dir() and name.endswith("tensorboard"):
            shutil.rmtree(run / name)
            (run / name).write_text("")
    for name in ("report.html", "family.json", "members/s0/metrics.json", "search/result.json"):
        if not (run / name).exists():
            (run / name).mkdir(parents=True)
    return nullcontext()


REFUSALS: dict[str, Callable[[Path], AbstractContextManager[None]]] = {
    "full disk": lambda run: full_disk(100),
    "no space": lambda run: _refused(run, errno.ENOSPC),
    "read-only": lambda run: _refused(run, errno.EROFS),
    "another user's": lambda run: _refused(run, errno.EACCES),
    "broken storage": lambda run: _refused(run, errno.EIO),
    "gone": lambda run: _refused(run, errno.ENOENT),
    "in the way": _in_the_way,
}

sys.addaudithook(_refuse)
