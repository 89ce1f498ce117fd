"""The locked versions: each with hashes, and what setup.cfg asks for."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_packaging import ROOT, read_setup

LOCKS = {file.stem: file for file in (ROOT / "locks").glob("*.txt")}
_PINNED = re.compile(
    r"^(?P<name>[\w.-]+)(\[[\w,-]+\])?==(?P<version>\S+)(?P<rest>( ;[^\\\n]*)?( \\\n    --hash=\S+)*)$", re.M
)


def pins(name: str) -> dict[str, str]:
    text = LOCKS[name].read_text("utf-8")
    found = list(_PINNED.finditer(text))
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(found) == len(lines), set(lines) - {match[0].splitlines()[0] for match in found}
    assert all("--hash=sha256:" in match["rest"] for match in found)
    return {canonicalize_name(match["name"]): match["version"] for match in found}


def wanted(extra: str) -> list[Requirement]:
    """The requirements of an extra, those of the extras that it names included."""
    setup = read_setup()
    text = setup["options.extras_require"][extra] if extra else setup["options"]["install_requires"]
    lines = text.splitlines()
    found = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    inner = [name for one in found if one.name == "scalenet-tf" for name in one.extras]
    return [one for one in found if one.name != "scalenet-tf"] + [r for name in inner for r in wanted(name)]


def test_there_is_a_lock_for_the_image_for_gpus_for_ci_and_for_building() -> None:
    assert set(LOCKS) == {"pipelines,export", "pipelines,export,gpu", "dev", "build"}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "LOCKS := pipelines,export pipelines,export,gpu dev\n" in makefile


@pytest.mark.parametrize("name", sorted(set(LOCKS) - {"build"}))
def test_a_lock_has_what_the_package_asks_for(name: str) -> None:
    locked = pins(name)
    for requirement in [r for extra in ("", *name.split(",")) for r in wanted(extra)]:
        version = locked.get(canonicalize_name(requirement.name))
        assert version and requirement.specifier.contains(version, prereleases=True), (
            f"{requirement} is not in locks/{name}.txt, which has {version}: run make lock"
        )


def test_what_builds_the_package_is_locked_too() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    required = re.findall(r'"([^"]+)"', re.search(r"requires = \[(.*)\]", text)[1])  # type: ignore[index]
    locked = pins("build")
    for requirement in map(Requirement, required):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])
