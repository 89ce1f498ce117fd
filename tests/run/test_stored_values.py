"""Files of a run: every value comes back, recorded files are read to the byte, damage is named."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from scalenet_tf.cli.main import app
from scalenet_tf.compress.metrics import CompressedMetrics, read_compressed
from scalenet_tf.config import load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.report.compression import compression_rows
from scalenet_tf.report.family import family_rows
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import Architecture, read_architecture
from scalenet_tf.run.data_info import DataInfo, read_data_info
from scalenet_tf.run.evaluation import ModelEvaluation, read_evaluation
from scalenet_tf.run.family import Family, read_family
from scalenet_tf.run.given_objects import GivenObjects
from scalenet_tf.run.image_check import ImageCheck
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.metrics import Metrics, read_metrics
from scalenet_tf.run.mlflow_run import MlflowRun
from scalenet_tf.run.own_images import OwnImages
from scalenet_tf.run.own_parts import OwnParts
from scalenet_tf.run.profile import Profile, read_profile
from scalenet_tf.run.samples import Samples
from scalenet_tf.run.search_result import SearchFindings, SearchResult, read_search_result
from scalenet_tf.run.supernet_done import SupernetDone, read_supernet_done
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.search.identity import SavedSearch, SearchIdentity
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import FileValue, read_value, to_json, write_value
from tests.helpers.any_value import any_value

# Files of a run that a release before these values wrote.
RECORDED = Path(__file__).with_name("recorded")
KINDS = (
    *(Architecture, CompressedMetrics, DataInfo, Family, GivenObjects, ImageCheck, Metrics, MlflowRun),
    ModelEvaluation,
    *(OwnImages, OwnParts, Profile, Samples, SearchFindings, SavedSearch, SearchIdentity, SearchResult),
    *(SupernetDone, WarmStart),
)
# Each file of the recorded run with its reader and what an error about it advises.
READERS: dict[str, tuple[Callable[[RunFolder], FileValue | None], str]] = {
    "data.json": (read_data_info, "the next step that reads the images writes it again"),
    "supernet/done.json": (read_supernet_done, "repeat the last steps with: scalenet train --run"),
    "search/result.json": (read_search_result, "again from the journal with: scalenet search --run"),
    "family.json": (read_family, "write it again with: scalenet scale --run"),
    "profile.json": (read_profile, "measure again with: scalenet profile members --run"),
    "members/s0/architecture.json": (
        lambda run: read_architecture(run, 0),
        "train the member again with: scalenet retrain --run",
    ),
    "members/s0/metrics.json": (
        lambda run: read_metrics(run, 0),
        "train the member again with: scalenet retrain --run",
    ),
    "members/s0/compressed/ptq-int8/metrics.json": (
        lambda run: read_compressed(run, 0, "ptq-int8"),
        "compress the member again with: scalenet compress --run",
    ),
    "members/s0/evaluation.json": (lambda run: read_evaluation(run, 0), "run the evaluator again"),
}


@pytest.fixture
def recorded(tmp_path: Path) -> Run:
    """A copy of the recorded run that a test may change."""
    path = shutil.copytree(RECORDED, tmp_path / "recorded")
    run = Run(path, load_config("smoke"))
    files.write_text(run.config_file, run.config.to_yaml())
    return run


def kinds_of(base: type[FileValue]) -> Iterator[type[FileValue]]:
    for kind in base.__subclasses__():
        yield from (kind, *kinds_of(kind))


def test_all_kinds_of_files_are_tried() -> None:
    assert {kind for kind in kinds_of(FileValue) if kind.__module__.startswith("scalenet_tf")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_any_value_comes_back_from_its_file(
    kind: type[FileValue], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("values") / "value.json"

    @given(any_value(kind))
    def comes_back(value: FileValue) -> None:
        again = read_value(write_value(path, value), kind, "")
        assert again == value and to_json(again) == files.read_json(path)

    comes_back()


def keys_of(values: Any, recorded: Any) -> Any:
    """The values without keys that were added since they were recorded, also in a recipe."""
    if not (isinstance(values, dict) and isinstance(recorded, dict)):
        return values
    return {key: keys_of(part, recorded[key]) for key, part in values.items() if key in recorded}


@pytest.mark.parametrize("name", READERS)
def test_recorded_files_are_read_and_would_be_written_to_the_byte(recorded: Run, name: str) -> None:
    value = READERS[name][0](recorded)
    assert value is not None
    text = (recorded.path / name).read_text("utf-8")
    known = keys_of(to_json(value), json.loads(text))
    assert files.write_json(recorded.path / name, known).read_text("utf-8") == text


@pytest.mark.usefixtures("few_draws")
def test_recorded_files_make_the_tables_and_the_page(recorded: Run) -> None:
    rows = family_rows(recorded)
    assert [(row.name, row.origin) for row in rows][::4] == [("s0", "search"), ("s4", "extrapolated")]
    stored = files.read_json(recorded.member(0) / "metrics.json")
    assert rows[0].test_accuracy == stored["test_accuracy"]
    profiled = files.read_json(recorded.profile_file)["rows"][0]
    assert (profiled["stage"], profiled["format"]) == (0, "saved_model")
    assert rows[0].latency_ms == profiled["latency_ms"]["1"]["p50"]
    recorded.profile_file.unlink()
    assert family_rows(recorded)[0].latency_ms == stored["environment"]["latency_ms"]["1"]
    assert [row.method for row in compression_rows(recorded)] == ["float32", "ptq-int8"]
    result = CliRunner().invoke(app, ["report", "--run", str(recorded.path)])
    assert result.exit_code == 0, result.output
    page = recorded.report_file.read_text("utf-8")
    assert "Joint search" not in page and "Evaluation of the SavedModels" in page


@pytest.mark.parametrize("name", READERS)
@given(damage=st.sampled_from(["cut", "text", "schema", "unknown", "missing"]))
def test_damage_is_named_with_the_file_and_the_next_step(
    name: str, damage: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = shutil.copytree(RECORDED, tmp_path_factory.mktemp("damaged") / "run")
    file, (read, advice) = path / name, READERS[name]
    content = json.loads(file.read_text("utf-8"))
    if damage == "schema" and content.pop("schema", None) is None:
        return
    if damage == "unknown":
        content["surprise"] = 1
    if damage == "missing":
        del content[next(key for key in reversed(content) if key not in ("skipped", "environment"))]
    text = json.dumps(content)
    files.write_text(file, {"cut": text[: len(text) // 2], "text": "words"}.get(damage, text))
    with pytest.raises(ScaleNetError, match=rf"^'{re.escape(str(file))}' is damaged.*{advice}"):
        read(RunFolder(path))


def test_the_command_line_says_it_without_a_trace(recorded: Run) -> None:
    files.write_text(recorded.family_file, '{"schema": 1, "members"')
    result = CliRunner().invoke(app, ["report", "--run", str(recorded.path)])
    assert isinstance(result.exception, ScaleNetError)
    assert "family.json' is damaged: it is not JSON" in str(result.exception)
