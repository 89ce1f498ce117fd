"""Studies in folders and in packed files: the same tables from both, errors for torn or foreign ones."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scalenet_tf.config import DataConfig
from scalenet_tf.costs.device import cpu_model
from scalenet_tf.errors import ScaleNetError
from studies.common.items import FolderItems
from studies.extrapolation.study import KIND as EXTRAPOLATION
from studies.families.items import known_items
from studies.families.report import markdown
from studies.families.study import KIND, Study
from studies.search_methods.study import KIND as SEARCH_METHODS

ROOT = Path(__file__).resolve().parents[2]
STUDY = Study.of_size("quick", DataConfig(data_dir="/somewhere"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study whose random family is trained, as `run` leaves it."""
    items = KIND.begin(tmp_path / "work", STUDY)
    for number, item in enumerate(members(items)):
        items.record(item, lambda number=number: {"accuracy": 0.5 + number / 100})  # type: ignore[misc]
    return tmp_path / "work"


def members(items: FolderItems) -> list[str]:
    return [item.name for item in known_items(STUDY, items) if item.name.startswith("members/")]


def test_a_packed_study_has_the_tables_of_its_folder(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "packed.jsonl"
    assert KIND.pack(folder, file) == 2
    table = markdown(*KIND.open(folder))
    assert "| random |  | 1 | 50.00 | 51.00 | **50.50** |" in table
    assert markdown(*KIND.open(file)) == table
    assert KIND.unpack(file, tmp_path / "again") == 2
    assert markdown(*KIND.open(tmp_path / "again")) == table


def test_the_first_line_holds_the_study_and_what_items_share(folder: Path, tmp_path: Path) -> None:
    KIND.pack(folder, tmp_path / "packed.jsonl")
    first, *rest = (json.loads(line) for line in (tmp_path / "packed.jsonl").read_text().splitlines())
    assert first["study"] == STUDY.located(None) and first["study"]["data"]["data_dir"] is None
    assert first["environment"]["cpus"] == os.cpu_count() and "tensorflow" in first["packages"]
    assert first["environment"]["cpu"] == cpu_model()
    for line in rest:
        assert set(line) == {"name", "accuracy", "environment"}
        assert set(line["environment"]) == {"seconds", "cpu_seconds"}


def test_items_that_differ_in_packages_keep_their_own(folder: Path, tmp_path: Path) -> None:
    items = FolderItems(folder)
    name = members(items)[0]
    items.write(name, {**items[name], "packages": {"keras": "4"}})
    items.write("searches/untimed", {"members": []})
    KIND.pack(folder, tmp_path / "packed.jsonl")
    _, packed = KIND.open(tmp_path / "packed.jsonl")
    for item in (*members(items), "searches/untimed"):
        kept, expected = packed[item], items[item]
        for key in ("host", "platform", "finished"):
            expected.get("environment", {}).pop(key, None)
        assert kept == expected


def test_a_study_continues_from_a_packed_file(folder: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "packed.jsonl", tmp_path / "other"
    KIND.pack(folder, file)
    with pytest.raises(ScaleNetError, match=r"cannot be continued. .*python -m studies.families unpack"):
        KIND.begin(file, STUDY)
    first, second = members(FolderItems(folder))
    KIND.begin(other, STUDY).write(first, {"accuracy": 0.9})
    assert KIND.unpack(file, other) == 1
    assert FolderItems(other)[first] == {"accuracy": 0.9} and second in FolderItems(other)


def test_what_a_killed_process_leaves_is_no_item(folder: Path, tmp_path: Path) -> None:
    items = FolderItems(folder)
    (folder / "members" / ".half.json.99999999.tmp").write_text('{"accuracy": 0.')
    assert KIND.pack(folder, tmp_path / "packed.jsonl") == 2
    torn = folder / f"{members(items)[0]}.json"
    torn.write_text('{"accuracy": 0.')
    for read in (lambda: KIND.pack(folder, tmp_path / "packed.jsonl"), lambda: markdown(*KIND.open(folder))):
        with pytest.raises(
            ScaleNetError, match=rf"{torn.name} must hold a whole JSON object. .*Delete the file"
        ):
            read()
    assert len((tmp_path / "packed.jsonl").read_text().splitlines()) == 3
    (folder / "study.json").write_text("{")
    with pytest.raises(ScaleNetError, match=r"study.json must hold a whole JSON object"):
        KIND.open(folder)


def test_a_torn_packed_file_is_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "packed.jsonl"
    KIND.pack(folder, file)
    text = file.read_text()
    for torn in (text[:-1], text[:-20], text.replace('"name"', '"title"'), text.partition("\n")[2], ""):
        file.write_text(torn)
        with pytest.raises(ScaleNetError, match="must be a whole file written by `pack`"):
            KIND.open(file)


def test_a_foreign_study_is_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "packed.jsonl"
    KIND.pack(folder, file)
    for path in (folder, file):
        with pytest.raises(
            ScaleNetError, match=r"must hold a study of studies.extrapolation. Received:\n`space`"
        ):
            EXTRAPOLATION.open(path)
    with pytest.raises(ScaleNetError, match=r"holds another study: .*study.json differs"):
        KIND.begin(folder, STUDY.model_copy(update={"stages": 3}))
    KIND.begin(folder, STUDY.model_copy(update={"data": DataConfig(data_dir="/elsewhere")}))
    KIND.begin(folder, STUDY.model_copy(update={"seeds": 2, "random": 3}))
    KIND.begin(folder, STUDY)
    assert KIND.open(folder)[0].seeds == 2
    with pytest.raises(ScaleNetError, match="holds another study"):
        KIND.unpack(ROOT / KIND.packed, folder)


def test_there_is_nothing_to_pack_or_to_open(tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"Start one with: python -m studies.families run"):
        KIND.open(tmp_path)
    KIND.begin(tmp_path, STUDY)
    with pytest.raises(ScaleNetError, match="needs a folder with finished items"):
        KIND.pack(tmp_path, tmp_path / "packed.jsonl")


@pytest.mark.parametrize("kind", [KIND, SEARCH_METHODS, EXTRAPOLATION])
def test_the_data_of_the_repository_is_as_pack_writes_it(kind: type[KIND], tmp_path: Path) -> None:
    # Those are of earlier studies of families, which had fewer fields; they are only read.
    earlier = {"narrow.jsonl", "wide.jsonl"} if kind is KIND else set()
    for file in sorted((ROOT / kind.packed).parent.iterdir()):
        if file.name in earlier:
            continue
        kind.unpack(file, tmp_path / file.stem)
        kind.pack(tmp_path / file.stem, tmp_path / file.name)
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()
        _, *items = (json.loads(line) for line in file.read_text().splitlines())
        kept = {key for item in items for key in item.get("environment", {})}
        # Items of several commits differ in the last two: the first ones do not tell of oneDNN.
        assert kept <= {"seconds", "cpu_seconds", "cpu", "git_commit", "onednn"}
