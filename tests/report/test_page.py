"""The page of finished, new and unusual runs, as its HTML says."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.report import write_report
from scalenet_tf.report.content import stored_provenance
from scalenet_tf.report.family import family_rows
from scalenet_tf.report.recommendation import Limits
from scalenet_tf.run import Run
from scalenet_tf.utils import files
from tests.helpers.read_page import Page
from tests.helpers.report_runs import add_samples, as_multi_label, with_classes

TITLES = [
    *("Recommended", "The family", "Load S2", "Predictions of S2", "Classes", "Files to deploy"),
    *("How the family grows", "The search", "Training of the members", "Super-supernet training"),
    *("Subnets drawn by hierarchical sampling", "Provenance"),
]


def headings(page: Path) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page.read_text("utf-8"))


def test_a_finished_run_has_every_part(finished_run: Run) -> None:
    add_samples(finished_run)
    path = write_report(finished_run).path
    assert path == finished_run.report_file
    assert headings(path) == TITLES
    page = Page(path)
    assert "Not " not in page.text
    for shown in ("86.34 % ± 1.0", "3.75 ms", "* extrapolated", '"seed": 0', "2 min 55 s", "S3 0.050"):
        assert shown in page.text, shown
    # Every chart and image has an alternative in words.
    assert len(page.charts) == page.tags.count("svg") == 13
    assert page.charts[0] == (
        "Accuracy against latency on the test images: S0 84.34 % ± 1.0 at 1.25 ms, "
        "S1 85.34 % ± 1.0 at 2.5 ms, S2 86.34 % ± 1.0 at 3.75 ms, S3 87.34 % ± 1.0 at 5 ms."
    )
    assert all(re.search(r"\d", chart) and chart in page.text for chart in page.charts)
    assert len(page.images) == 24
    assert page.images[0] == "Test image 20: class 0, predicted: class 1 99%"
    # The page is small, and needs nothing else.
    assert finished_run.report_file.stat().st_size < 500_000
    assert all(value.startswith(("data:", "#")) for value in page.references)
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert len(page.identifiers) == len(set(page.identifiers))
    assert not re.search(r"[:\"]#[0-9a-f]{6}\b", path.read_text("utf-8").partition("</style>")[2])
    # Its downloads hold the family and the files.
    links = [value for value in page.references if "text/csv" in value]
    family, exported = (list(csv.DictReader(io.StringIO(unquote(link.partition(",")[2])))) for link in links)
    rows = family_rows(finished_run)
    assert [row["test_accuracy"] for row in family] == [str(row.test_accuracy) for row in rows]
    assert family[1]["scaling"] == str(rows[1].scaling)
    assert [row["path"] for row in exported] == [f"members/s{k}/saved_model/1" for k in range(4)]


def test_limits_choose_the_member(finished_run: Run) -> None:
    page = write_report(finished_run, Limits(max_latency_ms=2.6)).path.read_text("utf-8")
    assert "<h2>Recommended within 2.6 ms for one image</h2>" in page and "<h2>Load S1</h2>" in page
    page = write_report(finished_run, Limits(max_latency_ms=0.5)).path.read_text("utf-8")
    assert "<h2>No member is within the limits</h2>" in page and "<h2>Load S0</h2>" in page
    with pytest.raises(InvalidInputError, match="`max_bytes` must be more than 0"):
        Limits(max_bytes=0)


def test_provenance_is_that_of_the_results_not_of_the_report(finished_run: Run) -> None:
    members = [finished_run.member(stage) / "metrics.json" for stage in range(4)]
    versions = {finished_run.search / "result.json": "2.0", finished_run.family_file: "2.1"}
    for path in (*versions, finished_run.supernet / "done.json", *members):
        stored = files.read_json(path)
        stored["provenance"]["packages"]["tensorflow"] = versions.get(path, "2.2")
        stored["provenance"]["git_commit"] = "the commit of the results"
        files.write_json(path, stored)
    found = stored_provenance(finished_run)
    assert found["all results"]["git_commit"] == "the commit of the results"
    assert found["search"]["packages"]["tensorflow"] == "2.0"
    assert found["extrapolation"]["packages"]["tensorflow"] == "2.1"
    assert "the commit of the results" in Page(write_report(finished_run).path).text


def test_a_new_run_names_the_commands_that_make_its_parts(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "new", load_config("smoke", ["space=paper"]))
    page = Page(write_report(run).path)
    text = re.sub(r"\s+", " ", page.text)
    for command in ("scale", "search", "train", "retrain"):
        assert f"run scalenet {command} --run {run.path}" in text
    assert len(page.charts) == 1  # What sampling draws needs the space alone.


def test_an_unfinished_run_names_the_members_that_lack(finished_run: Run) -> None:
    shutil.rmtree(finished_run.member(3))
    (finished_run.member(2) / "metrics.json").unlink()
    shutil.rmtree(finished_run.member(1) / "saved_model")
    text = re.sub(r"\s+", " ", Page(write_report(finished_run).path).text)
    assert "Unfinished: train done, search done, scale done, retrain 2 of 4, export 2 of 4." in text
    assert f"Not trained yet: S2, S3: run scalenet retrain --run {finished_run.path}" in text
    assert f"Not exported yet: S1: run scalenet export --run {finished_run.path}" in text


def test_many_classes_are_shown_by_their_worst(finished_run: Run) -> None:
    with_classes(finished_run, 120)
    add_samples(finished_run, 120)
    path = write_report(finished_run).path
    source, page = path.read_text("utf-8"), Page(path)
    assert path.stat().st_size < 500_000
    assert 'class="confusion"' not in source and source.count("Most frequent mistakes of S") == 4
    assert "20 of 120 classes: those with the lowest accuracy." in page.text
    assert '<td class="name">class 0</td><td class="name">class 119</td><td>30</td>' in source
    assert "class 57" not in page.text


def test_a_run_of_several_labels_speaks_of_precision(finished_run: Run) -> None:
    error = "Bars and ±: one standard error."
    assert error in Page(write_report(finished_run).path).text
    run = as_multi_label(finished_run)
    add_samples(run)
    page = Page(write_report(run).path)
    assert "Mean average precision against size" not in page.text  # The files of this run are empty.
    assert "Mean average precision against latency" in page.charts[0]
    assert "S3 has the best validation mean average precision." in page.text
    assert "average precision of S3" in page.text and "accuracy" not in page.text
    assert error not in page.text
    assert 'class="confusion"' not in run.report_file.read_text("utf-8")


def test_text_of_the_run_cannot_break_the_page(searched_run: Run) -> None:
    data = files.read_json(searched_run.path / "data.json")
    data["counts"] = {"</script><b>": 1}
    files.write_json(searched_run.path / "data.json", data)
    source = write_report(searched_run).path.read_text("utf-8")
    assert "</script><b>" not in source
    assert "&lt;/script&gt;&lt;b&gt;" in source


def test_names_of_classes_cannot_break_the_page(finished_run: Run) -> None:
    hostile = ["</script><script>alert(1)</script>", "<!--<script>", "<a href='http://b'>b</a>"]
    hostile += ["\x1b[2J&lt;", '" onerror="alert(1)', "$x^2$ {{ 7 * 7 }}"]
    data = files.read_json(finished_run.data_file)
    files.write_json(finished_run.data_file, {**data, "labels": [*hostile, *data["labels"][len(hostile) :]]})
    add_samples(finished_run)
    path = write_report(finished_run).path
    page = Page(path)
    assert headings(path) == TITLES
    assert "script" not in page.tags and all(value.startswith("data:") for value in page.references)
    for shown in (*hostile[:3], r"\x1b[2J&lt;", *hostile[4:]):
        assert page.text.count(shown) >= 3, shown
    assert page.images[0] == f"Test image 20: {hostile[0]}, predicted: {hostile[1]} 99%"
