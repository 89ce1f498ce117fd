from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

import scalenet_tf
from scalenet_tf.config import load_config
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run import provenance as module
from scalenet_tf.run.provenance import (
    Environment,
    Provenance,
    environment,
    git_commit,
    package_versions,
    provenance,
)
from scalenet_tf.utils.digest import json_digest
from tests.helpers.networks import TINY_SPACE


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open_or_create(tmp_path / "run", load_config("smoke", ["seed=3"]))


def test_provenance_holds_what_decides_a_result(run: Run) -> None:
    found = provenance(run, supernet="abc", data="def")
    assert found.seed == 3
    assert found.config["search"] == run.config.model_dump(mode="json")["search"]
    assert list(found.digests.items()) == [
        ("data", "def"),
        ("space", json_digest(load_space("small").model_dump(mode="json"))),
        ("supernet", "abc"),
    ]
    assert Provenance.model_validate_json(found.model_dump_json()) == found


def test_provenance_is_equal_for_equal_runs_and_says_nothing_of_the_place(run: Run, tmp_path: Path) -> None:
    other = Run.open_or_create(tmp_path / "elsewhere", run.config)
    assert provenance(run) == provenance(other)
    assert str(tmp_path) not in provenance(run).model_dump_json()


def test_paths_and_the_address_decide_nothing(tmp_path: Path) -> None:
    found = []
    for name in ("here", "there"):
        (tmp_path / name / "images").mkdir(parents=True)
        space = tmp_path / name / f"{name}.yaml"
        space.write_text(TINY_SPACE)
        overrides = [
            f"space={space}",
            f"data.source=folder:{tmp_path / name / 'images'}",
            f"data.data_dir={tmp_path / name}",
            f"tpu={name}",
        ]
        run = Run.open_or_create(tmp_path / name / "run", load_config("smoke", overrides))
        found.append(provenance(run, data="same"))
    assert found[0] == found[1]
    assert str(tmp_path) not in found[0].model_dump_json()
    # Another space in a file of the same name is told by its digest.
    space.write_text(TINY_SPACE.replace("head_width: 32", "head_width: 40"))
    other = provenance(Run.open_or_create(tmp_path / "other", run.config), data="same")
    assert other.digests != found[0].digests
    assert other.model_copy(update={"digests": found[0].digests}) == found[0]


def test_config_digest_follows_every_key_that_decides(tmp_path: Path) -> None:
    overrides = ([], ["seed=1"], ["search.rounds=7"], ["data.augmentation.flip=false"], ["space=paper"])
    digests = [
        provenance(Run.open_or_create(tmp_path / str(n), load_config("smoke", given))).config_digest
        for n, given in enumerate(overrides)
    ]
    assert len(set(digests)) == len(digests)
    assert all(re.fullmatch(r"[0-9a-f]{16}", digest) for digest in digests)


def test_package_versions_give_null_for_an_absent_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGES", ("numpy", "no-such-package-anywhere"))
    versions = package_versions()
    assert versions["no-such-package-anywhere"] is None
    assert re.match(r"\d+\.\d+", versions["numpy"] or "")


def test_commit_of_a_checkout_marks_changes(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=n", "-c", "user.email=e@e", "-C", str(tmp_path), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init")
    (tmp_path / "code.py").write_text("first")
    git("add", ".")
    git("commit", "-m", "first")
    commit = git("rev-parse", "HEAD")
    assert git_commit(tmp_path) == commit
    (tmp_path / "code.py").write_text("second")
    assert git_commit(tmp_path) == f"{commit}+changes"


def test_commit_is_not_that_of_a_repository_around_an_installed_package(tmp_path: Path) -> None:
    subprocess.run(["git", "init", str(tmp_path)], check=True, capture_output=True)
    installed = tmp_path / "site-packages"
    installed.mkdir()
    assert git_commit(installed) is None


@pytest.mark.parametrize(("given", "commit"), [("abc123", "abc123"), ("unknown", None), ("", None)])
def test_an_image_names_the_commit_that_it_was_built_from(
    given: str, commit: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = git_commit()
    monkeypatch.setenv("SCALENET_COMMIT", given)
    assert git_commit(tmp_path) == commit
    assert git_commit() == before  # that of a checkout


def test_commit_does_not_follow_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = git_commit()
    subprocess.run(["git", "init", str(tmp_path)], check=True, capture_output=True)
    monkeypatch.chdir(tmp_path)
    assert git_commit() == before


def test_environment_holds_times_and_extras() -> None:
    found = Environment.now(90.00049)
    assert found.seconds == 90.0
    assert datetime.fromisoformat(found.finished) <= datetime.now(UTC)
    assert found.cpus and found.cpus >= 1
    more = environment(90.0, cpu_seconds=11.5)
    expected = {**found.model_dump(), "finished": more["finished"], "cpu_seconds": 11.5}
    assert json.loads(json.dumps(more)) == expected


def test_version_is_a_release_number() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", scalenet_tf.__version__)
