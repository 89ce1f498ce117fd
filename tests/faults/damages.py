"""Damages of a file's content."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

Damage = Callable[[Path, random.Random], None]


def _empty(file: Path, rng: random.Random) -> None:
    file.write_bytes(b"")


def _cut(file: Path, rng: random.Random) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: rng.randrange(1, max(2, len(content)))])


def _garbage(file: Path, rng: random.Random) -> None:
    file.write_bytes(rng.randbytes(300))


def _wrong_type(file: Path, rng: random.Random) -> None:
    """Replaces the content by a value of another type, or, of a log, its middle row."""
    value = rng.choice([[], 3, "text", None, {"a": 1}, {"trial": 10**9, "score": 0.5}, {"trial": "x"}])
    text = json.dumps(value)
    if file.suffix == ".jsonl":
        rows = file.read_text().splitlines()
        rows[len(rows) // 2] = text
        text = "\n".join(rows)
    file.write_text(text + "\n")


def _flipped(file: Path, rng: random.Random) -> None:
    content = bytearray(file.read_bytes())
    if content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    file.write_bytes(bytes(content))


def _missing(file: Path, rng: random.Random) -> None:
    file.unlink()


def _folder(file: Path, rng: random.Random) -> None:
    file.unlink()
    file.mkdir()


def _pipe(file: Path, rng: random.Random) -> None:
    file.unlink()
    os.mkfifo(file)


def _nested(file: Path, rng: random.Random) -> None:
    file.write_text("[" * 100_000 + "\n")


DAMAGES: dict[str, Damage] = {
    "empty": _empty,
    "cut": _cut,
    "garbage": _garbage,
    "wrong type": _wrong_type,
    "flipped bit": _flipped,
    "missing": _missing,
    "folder": _folder,
    "pipe": _pipe,
    "nested": _nested,
}
