from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

from scalenet_tf.config import load_config
from scalenet_tf.costs.macs import cost
from scalenet_tf.report import write_report
from scalenet_tf.report.family import family_rows
from scalenet_tf.report.page import stored_provenance
from scalenet_tf.report.sections import sections
from scalenet_tf.run import Run
from scalenet_tf.sampling import TrainingDraws
from scalenet_tf.utils import files

TITLES = [
    "Accuracy against multiply-adds",
    "The found scaling against EfficientNet's compound rule",
    "The Markov chain of the search",
    "Super-supernet training",
    "Training of the members",
    "Mistakes of the members",
    "Subnets drawn by hierarchical sampling",
]


class Page(HTMLParser):
    """The text, the figures and the outside references of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.figures: list[dict] = []
        self.text = ""
        self.references: list[str] = []
        self._inside = ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self._inside = f"{tag}:{values.get('type', '')}"
        self.references += [value for name in ("src", "href") if (value := values.get(name))]

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script:application/json":
            self.figures.append(json.loads(data))
        elif not self._inside.startswith(("script", "style")):
            self.text += data


def test_a_finished_run_has_every_part(finished_run: Run) -> None:
    path = write_report(finished_run)
    assert path == finished_run.report_file
    page = Page(path)
    assert len(page.figures) == len(TITLES)
    assert "Not there yet" not in page.text
    for title in TITLES:
        assert title in page.text
    for shown in ("85.12 %", "84.34 %", "1.25 ms", "extrapolated", '"seed": 0', "2 min 55 s"):
        assert shown in page.text, shown


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
    assert "the commit of the results" in Page(write_report(finished_run)).text


def test_the_page_is_self_contained(finished_run: Run) -> None:
    assert Page(write_report(finished_run)).references == []


def test_a_new_run_names_the_commands_that_make_its_parts(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "new", load_config("smoke", ["space=paper"]))
    page = Page(write_report(run))
    for command in ("scale", "search", "train", "retrain"):
        assert f"run scalenet {command} --run {run.path}" in re.sub(r"\s+", " ", page.text)
    assert len(page.figures) == 1  # What sampling draws needs the space alone.


def test_the_chain_and_the_archive_are_those_of_the_search(finished_run: Run) -> None:
    result = json.loads((finished_run.search / "result.json").read_text())
    accuracy, _, chain, *_ = sections(finished_run, family_rows(finished_run))
    assert accuracy.figure is not None and chain.figure is not None
    assert sorted(accuracy.figure.data[0].y) == sorted(point["score"] for point in result["archive"])
    assert list(chain.figure.data[-1].y) == [state["fitness"] for state in result["trajectory"]]
    assert accuracy.figure.data[-1].name == "members (trained, test)"


def test_mistakes_are_those_of_the_base_and_the_largest_member(finished_run: Run) -> None:
    section = sections(finished_run, family_rows(finished_run))[-2]
    assert section.figure is not None
    stored = files.read_json(finished_run.member(3) / "metrics.json")
    assert len(section.figure.data) == 2
    row = stored["confusion"][4]
    assert list(section.figure.data[1].z[4]) == [count / sum(row) for count in row]
    assert list(section.figure.data[1].y)[8:] == ["class 8 90%", "class 9 none"]
    assert f"S3 {stored['calibration_error']:.3f}" in section.text


def test_sampling_is_that_of_the_run(finished_run: Run) -> None:
    figure = sections(finished_run, [])[-1].figure
    assert figure is not None
    shown = sorted(value for trace in figure.data for value in trace.x)
    config = finished_run.config.supernet
    draws = TrainingDraws(finished_run.space(), 0, config.draw, config.stage_weights)
    drawn = sorted(cost(draws.at(step).subnet).macs for step in range(len(shown)))
    assert shown == drawn


def test_text_of_the_run_cannot_break_the_page(searched_run: Run) -> None:
    data = files.read_json(searched_run.path / "data.json")
    data["counts"] = {"</script><b>": 1}
    files.write_json(searched_run.path / "data.json", data)
    source = write_report(searched_run).read_text("utf-8")
    assert "</script><b>" not in source
    assert "&lt;/script&gt;&lt;b&gt;" in source


def test_names_of_classes_cannot_break_the_page_or_its_charts(finished_run: Run) -> None:
    data = files.read_json(finished_run.data_file)
    hostile = [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "<a href='http://b'>b</a>",
        "\x1b[2J&lt;",
    ]
    files.write_json(finished_run.data_file, {**data, "labels": [*hostile, *data["labels"][len(hostile) :]]})
    page = Page(write_report(finished_run))
    assert page.references == [] and len(page.figures) == len(TITLES)
    for title in TITLES:
        assert title in page.text  # Nothing ended early.
    (mistakes,) = (figure for figure in page.figures if figure["data"][0]["type"] == "heatmap")
    shown = mistakes["data"][0]["x"][: len(hostile)]
    assert shown[0] == "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"  # Plotly shows it as a text.
    assert shown[3] == r"\x1b[2J&amp;lt;"
