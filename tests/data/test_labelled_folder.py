"""The files that labels.csv names, as they are found below its folder."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import pytest

from scalenet_tf.config import DataConfig
from scalenet_tf.data.sources.folder import open_folder
from scalenet_tf.data.sources.labelled_folder import open_labelled_folder
from scalenet_tf.data.splits import split_source
from scalenet_tf.errors import InvalidInputError
from tests.helpers.several_labels import write_labelled_folder

COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "hündin.png") for form in ("NFC", "NFD"))


def named(folder: Path, *files: str) -> Path:
    """A folder with images of these names, which are no images, and no table."""
    folder.mkdir(exist_ok=True)
    for file in files:
        (folder / file).write_bytes(file.encode())
    return folder


def table(folder: Path, *rows: str) -> None:
    (folder / "labels.csv").write_text("\n".join(["file,labels", *rows]) + "\n")


def paths(folder: Path) -> list[str]:
    train = open_labelled_folder(str(folder)).train
    assert train is not None
    return [train.name(row) for row in range(len(train.labels))]


@pytest.mark.parametrize(("file", "row"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_name_is_found_in_whatever_form_its_accents_are(tmp_path: Path, file: str, row: str) -> None:
    folder = named(tmp_path, file, "z.png")
    table(folder, "z.png,cat", f"{row},dog")
    assert paths(folder) == [repr(str(folder / file)), repr(str(folder / "z.png"))]
    assert open_labelled_folder(str(folder)).unread == ()
    table(folder, f"{row},dog", f"{file},cat")
    with pytest.raises(InvalidInputError, match=rf"{file}' stands in the lines [23] and [23]"):
        paths(folder)


def test_two_files_of_one_name_are_refused_if_a_row_could_mean_either(tmp_path: Path) -> None:
    folder = named(tmp_path, *(unicodedata.normalize(form, "ṩ.png") for form in ("NFC", "NFD")))
    if len(list(folder.iterdir())) < 2:
        pytest.skip("this file system has one form of each name")
    exact = sorted(file.name for file in folder.iterdir())
    table(folder, *(f"{name},{label}" for name, label in zip(exact, ("cat", "dog"), strict=True)))
    assert paths(folder) == [repr(str(folder / name)) for name in exact]
    table(folder, "s\u0307\u0323.png,cat")  # a third way to write it
    with pytest.raises(InvalidInputError, match=r"line 2 .* holds 2 files .*'\\u1e69\.png'.* Rename one"):
        paths(folder)


def test_images_behind_a_link_to_a_folder_are_refused_with_the_reason(tmp_path: Path) -> None:
    folder = write_labelled_folder(tmp_path / "scenes", 6)
    (folder / "a").rename(tmp_path / "elsewhere")
    with pytest.raises(InvalidInputError, match=r"3 are not: 'a/0.png' .*, or remove them\.$"):
        paths(folder)
    (folder / "a").symlink_to(tmp_path / "elsewhere")
    reason = r"Links to folders are not followed, and there are 1: copy what they lead to\.$"
    with pytest.raises(InvalidInputError, match=reason):
        paths(folder)
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    (tmp_path / "photos" / "cat" / "more").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidInputError, match=rf"holds no images.*{reason}"):
        open_folder(str(tmp_path / "photos"))


def test_a_table_without_its_task_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = write_labelled_folder(tmp_path / "scenes", 20)
    config = DataConfig(source=f"folder:{folder}")
    assert split_source(config, 0).labels == ("a", "b")
    assert "not used: labels.csv (which task=multi_label reads)" in caplog.text
    caplog.clear()
    split_source(config, 0, begun=True)
    shutil.rmtree(folder / "b")
    with pytest.raises(InvalidInputError, match="at least two classes"):
        split_source(config, 0, begun=True)
    assert caplog.text == ""
    with pytest.raises(InvalidInputError, match="at least two classes"):
        split_source(config, 0)
    assert "labels.csv (which task=multi_label reads)" in caplog.text
    shutil.rmtree(folder / "a")
    with pytest.raises(
        InvalidInputError, match=r"It holds none\. Its labels\.csv is read with task=multi_label"
    ):
        split_source(config, 0)
