"""One digest of the code: what artifacts record and what the local runner caches by."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from components.common.code import code_digest
from components.common.lineage import Lineage


@pytest.mark.parametrize("name", ["__init__.py", "preset.yaml", "template.html", "card.md.j2"])
def test_the_digest_follows_sources_and_templates(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    package = tmp_path / "edited_step"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    # The case before left its own package of this name.
    monkeypatch.delitem(sys.modules, "edited_step", raising=False)
    monkeypatch.setattr("components.common.code.PACKAGES", ("edited_step",))
    digests, artifacts = [], []
    for text in ("a = 1\n", "a = 2\n", "a = 1\n"):
        (package / name).write_text(text, "utf-8")
        digests.append(code_digest())
        artifacts.append(Lineage("Report", {}, {}).digest)
    assert len(digests[0]) == 16
    assert digests[0] == digests[2] != digests[1]
    assert artifacts[0] == artifacts[2] != artifacts[1]
