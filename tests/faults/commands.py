"""The commands that read a run, each with the state of the run that it is called in, and its answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scalenet_tf.run.layout import RunFolder
from tests.faults.attempt import Answer
from tests.faults.workshop import Workshop

Words = Callable[[Workshop, Path], list[str]]


@dataclass(frozen=True)
class Command:
    """A command in some state of a run.

    Attributes:
      words: Returns its words for a run.
      prepare: Brings a finished run into the state.
      answer: Returns what it answered or made, equal whenever that is right.
      reads: Files that it reads out of Python's sight, as patterns in the run.
    """

    words: Words
    prepare: Callable[[RunFolder], None] = lambda run: None
    answer: Callable[[RunFolder, Answer], object] = lambda run, answer: answer.out
    reads: tuple[str, ...] = ()


def _words(*given: str) -> Words:
    return lambda shop, run: [*given, "--run", str(run)]


def _keys(path: Path, *keys: str) -> object:
    found = json.loads(path.read_text("utf-8"))
    return {key: found[key] for key in keys}


def _no_state(run: RunFolder) -> None:
    run.member_files(0).state.unlink(missing_ok=True)


def _unfinished_training(run: RunFolder) -> None:
    run.supernet_done_file.unlink()


def _unfinished_search(run: RunFolder) -> None:
    run.search_result_file.unlink()


def _unfinished_member(run: RunFolder) -> None:
    run.member_files(0).metrics.unlink()
    run.member_files(0).weights.unlink()


def _member_to_begin(run: RunFolder) -> None:
    shutil.rmtree(run.member(0))


def _weights(run: RunFolder, answer: Answer, stage: int = 0) -> object:
    with np.load(run.member_files(stage).weights) as arrays:
        return {name: arrays[name].tobytes() for name in arrays.files}


def _half_trained(run: RunFolder) -> None:
    """The super-supernet is trained to its half, and nothing is there that comes later."""
    for folder in (run.supernet, run.search, run.members):
        shutil.rmtree(folder)
    run.family_file.unlink()
    # Beside the run that was copied.
    shutil.copytree(run.path.parent / "half", run.supernet)


def _half_searched(run: RunFolder) -> None:
    run.search_result_file.unlink()
    run.family_file.unlink()
    shutil.rmtree(run.members)
    rows = run.trials_file.read_text().splitlines(keepends=True)
    run.trials_file.write_text("".join(rows[: len(rows) // 2]))


def _half_of_members(run: RunFolder) -> None:
    """The first member is done, and the others are to be trained."""
    run.member_files(0).state.unlink(missing_ok=True)


def first_member_alone(run: RunFolder) -> None:
    """Leaves the family with the member that is exported, as serving needs it."""
    family = json.loads(run.family_file.read_text("utf-8"))
    run.family_file.write_text(json.dumps({**family, "members": family["members"][:1]}))


SAVED_MODEL = ("members/s0/saved_model/1/**/*",)
SUPERNET = ("supernet/checkpoint", "supernet/ckpt-*")
COMMANDS: dict[str, Command] = {
    "info run": Command(lambda shop, run: ["info", "run", str(run)]),
    "best": Command(_words("best", "--stage", "1")),
    "report": Command(_words("report")),
    "evaluate": Command(_words("evaluate", "--stage", "0")),
    "evaluate --file saved_model": Command(
        _words("evaluate", "--stage", "0", "--file", "saved_model"), reads=SAVED_MODEL
    ),
    "evaluate --file litert": Command(_words("evaluate", "--stage", "0", "--file", "litert")),
    "evaluate --file ptq-float16": Command(_words("evaluate", "--stage", "0", "--file", "ptq-float16")),
    "predict": Command(
        lambda shop, run: ["predict", str(shop.image), "--run", str(run), "--stage", "0"], reads=SAVED_MODEL
    ),
    "train": Command(_words("train"), answer=lambda run, answer: None),
    "search": Command(_words("search"), answer=lambda run, answer: None),
    "scale": Command(_words("scale"), answer=lambda run, answer: None),
    "retrain": Command(_words("retrain", "--stage", "0"), _no_state, lambda run, answer: None),
    "export": Command(_words("export", "--stage", "0"), _no_state, lambda run, answer: None, SAVED_MODEL),
    # It prints times, and measures them again if the file is made again.
    "compress": Command(
        _words("compress", "--stage", "0", "--method", "ptq-float16"), answer=lambda run, answer: None
    ),
    "train, resumed": Command(
        _words("train"),
        _unfinished_training,
        lambda run, answer: _keys(run.supernet_done_file, "steps", "weights_digest"),
        SUPERNET,
    ),
    "search, resumed": Command(
        _words("search"),
        _unfinished_search,
        lambda run, answer: _keys(run.search_result_file, "base", "scalings"),
        SUPERNET,
    ),
    "scale, again": Command(
        _words("scale"),
        lambda run: run.family_file.unlink(),
        lambda run, answer: _keys(run.family_file, "base", "members"),
    ),
    "retrain, resumed": Command(_words("retrain", "--stage", "0"), _unfinished_member, _weights),
    "train, half": Command(
        _words("train"),
        _half_trained,
        lambda run, answer: _keys(run.supernet_done_file, "steps", "weights_digest"),
        SUPERNET,
    ),
    "search, half": Command(
        _words("search"),
        _half_searched,
        lambda run, answer: _keys(run.search_result_file, "base", "scalings"),
        SUPERNET,
    ),
    "retrain, half": Command(
        _words("retrain", "--stage", "0", "--stage", "1"),
        _half_of_members,
        lambda run, answer: _weights(run, answer, 1),
        SUPERNET,
    ),
    "report, half": Command(_words("report"), _half_trained, lambda run, answer: None),
    "info run, half": Command(lambda shop, run: ["info", "run", str(run)], _half_searched),
    "retrain, begun": Command(_words("retrain", "--stage", "0"), _member_to_begin, _weights, SUPERNET),
}
