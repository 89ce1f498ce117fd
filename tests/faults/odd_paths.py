"""The class of odd paths: of runs, images, files and folders, for every command that takes one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from scalenet_tf.run.layout import RunFolder
from tests.faults.attempt import Answer, Attempt, Outcome, call, judge
from tests.faults.commands import COMMANDS, first_member_alone
from tests.faults.workshop import Workshop
from tests.helpers.image_folder import write_folder
from tests.helpers.networks import TINY_SPACE

NAMES = {
    "blank": "a b",
    "blanks": " ",
    "quotes": 'it\'s "so"',
    "newline": "a\nb",
    "tab": "a\tb",
    "brackets": "a[1]",
    "braces": "a{b,c}",
    "wildcards": "a*b?",
    "backslash": "a\\b",
    "percent": "50%s%d",
    "dollar": "$HOME `ls`",
    "tilde": "~root",
    "hash": "photos #2",
    "colon": "folder:a: b",
    "comma": "a,b=c;d|e&f",
    "dash": "-rf",
    "unicode": "Größe 日本 🙂",
    "decomposed": "Gro\u0308\u00dfe",
    "right to left": "\u202eabc",
    "escape": "a\x1b[2Jb",
    "long": "x" * 200,
    "not UTF-8": os.fsdecode(b"caf\xe9"),
    "dots": "a..b",
    "parent": "a/../b",
}
# Commands that work on a run; all are tried in a run of each name.
RUN = (
    *("info run", "best", "report", "evaluate", "evaluate --file saved_model", "evaluate --file litert"),
    *("predict", "scale, again", "export", "train, resumed", "search, resumed", "retrain, resumed"),
)
SMALL_NAMES, SMALL = ("brackets", "not UTF-8", "newline"), ("info run", "report", "predict")


def odd_paths(shop: Workshop) -> Iterator[Attempt]:
    """Yields an attempt for each command and name of a run, and each name of another file or folder."""
    for kind in SMALL_NAMES if shop.small else NAMES:
        for name in SMALL if shop.small else RUN:
            yield Attempt(f"run | {kind} | {name}", lambda k=kind, n=name: _run(shop, k, n))
        for other in () if shop.small else OTHERS:
            yield Attempt(f"{other} | {kind}", lambda k=kind, o=other: _other(shop, k, o))


def _place(shop: Workshop, kind: str) -> Path:
    """A path of an odd name in a new folder."""
    place = shop.folder / "odd"
    shutil.rmtree(place, ignore_errors=True)
    (place / "a").mkdir(parents=True)
    return place / NAMES[kind]


def _judged(shop: Workshop, answer: Answer, as_before: bool = True) -> Outcome:
    # A refusal names the path, or what in it is odd.
    return judge(answer, ("odd", "UTF-8", "path", "name"), lambda: as_before)


def _run(shop: Workshop, kind: str, name: str) -> Outcome:
    command, place = COMMANDS[name], _place(shop, kind)
    run = RunFolder(Path(shutil.copytree(shop.run, place)))
    command.prepare(run)
    return _judged(shop, call(*command.words(shop, run.path)))


def _other(shop: Workshop, kind: str, other: str) -> Outcome:
    place = _place(shop, kind)
    return _judged(shop, call(*OTHERS[other](shop, place)))


def _images(shop: Workshop, place: Path) -> list[str]:
    write_folder(place)
    return ["info", "data", f"folder:{place}"]


def _class(shop: Workshop, place: Path) -> list[str]:
    write_folder(place.parent / "photos")
    for split in ("train", "test"):
        target = Path(os.path.normpath(place.parent / "photos" / split / place.name))
        (place.parent / "photos" / split / "cat").rename(target)
    return ["info", "data", f"folder:{place.parent / 'photos'}"]


def _image(shop: Workshop, place: Path) -> list[str]:
    shutil.copy(shop.image, f"{place}.png")
    return ["predict", f"{place}.png", "--run", str(shop.run), "--stage", "0"]


def _folder(shop: Workshop, place: Path) -> list[str]:
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(shop.image, place / "x.png")
    return ["predict", str(place), "--run", str(shop.run), "--stage", "0"]


def _space(shop: Workshop, place: Path) -> list[str]:
    file = Path(f"{place}.yaml")
    file.write_text(TINY_SPACE)
    return ["info", "space", str(file)]


def _config(shop: Workshop, place: Path) -> list[str]:
    file = Path(f"{place}.yaml")
    file.write_text("supernet: {steps: 1}\n")
    return ["info", "config", "--config", str(file)]


def _recipe(shop: Workshop, place: Path) -> list[str]:
    file = Path(f"{place}.yaml")
    file.write_text("epochs: 1\n")
    return ["info", "recipe", str(file)]


def _serving(shop: Workshop, place: Path) -> list[str]:
    run = RunFolder(shop.copy())
    first_member_alone(run)
    return ["serve-files", "--run", str(run.path), "--output", str(place)]


def _transfer(shop: Workshop, place: Path) -> list[str]:
    words = ["transfer", "--run", str(shop.run), "--stage", "0", "--data", "bundled"]
    small = ("members.epochs=1", "data.train_images=200")
    return [*words, "--output", str(place), *(word for text in small for word in ("--set", text))]


OTHERS: dict[str, Callable[[Workshop, Path], list[str]]] = {
    "images": _images,
    "class": _class,
    "image": _image,
    "folder of images": _folder,
    "space": _space,
    "config": _config,
    "recipe": _recipe,
    "serve-files": _serving,
    "transfer": _transfer,
}
