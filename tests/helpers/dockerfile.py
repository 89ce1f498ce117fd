"""The Dockerfile as instructions, and its build stage run without a container engine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import scalenet_tf

ROOT = Path(scalenet_tf.__file__).resolve().parent.parent
Instruction = tuple[str, str]


def stages() -> list[list[Instruction]]:
    """What precedes the first FROM, then each stage: pairs of (instruction, its text)."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    found: list[list[Instruction]] = [[]]
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if not line.strip():
            continue
        name, _, rest = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest.strip()))
    return found


def run_build_stage(folder: Path) -> Path:
    """Does the COPYs and RUNs of the build stage below `folder`; returns its virtual environment."""
    names = {"/source": "source", "/dist": "dist", "/builder": "builder", "/opt/scalenet": "scalenet"}
    places = {place: folder / name for place, name in names.items()}
    variables: dict[str, str] = {}
    places["/source"].mkdir(parents=True)
    for name, text in stages()[1]:
        if name == "ARG":
            key, _, value = text.partition("=")
            variables[key] = value
        elif name == "COPY":
            *given, target = text.split()
            for one in given:
                _copy(ROOT / one, places["/source"] / target)
        elif name == "RUN":
            for old, new in places.items():
                text = re.sub(rf"(?<![\w/]){old}\b", str(new), text)
            subprocess.run(
                ["sh", "-ec", text],
                cwd=places["/source"],
                env={**os.environ, "PYTHONPATH": "", **variables},
                check=True,
            )
    return places["/opt/scalenet"]


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.tmp"))
    else:
        shutil.copy(source, target)
