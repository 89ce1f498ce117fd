"""Writes the report of a run that is assembled from all artifacts of a pipeline."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from components.common.artifact import SCHEMA, as_input, copy, read_artifact
from components.common.artifact_types import (
    COMPRESSED,
    EVALUATION,
    FAMILY,
    MODEL,
    REPORT,
    RESULT,
    SERVING,
    SUPERNET,
    member_of,
)
from components.common.lineage import Lineage, uri_of
from components.common.log import log
from components.common.outcome import Outcome
from components.common.runs import BASE, PUT_BACK
from scalenet_tf.report import write_report
from scalenet_tf.run import Run
from scalenet_tf.run.evaluation import ModelEvaluation
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.member_files import EVALUATION as EVALUATION_FILE
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import read_value


def write(
    *,
    supernet: str,
    result: str,
    family: str,
    models: Sequence[str],
    evaluations: Sequence[str],
    compressed_models: Sequence[str] = (),
    report: str,
) -> Outcome:
    """Writes the page to the file `report`; see the component."""
    given = {
        "supernet": (supernet, read_artifact("supernet", supernet, [SUPERNET])),
        "result": (result, read_artifact("result", result, [RESULT])),
        "family": (family, read_artifact("family", family, [FAMILY])),
    }
    for kind, name, paths in (
        (MODEL, "models", models),
        (EVALUATION, "evaluations", evaluations),
        (COMPRESSED, "compressed_models", compressed_models),
    ):
        for number, path in enumerate(paths):
            given[f"{name}[{number}]"] = (path, read_artifact(name, path, [kind]))
    inputs = {name: as_input(path, found) for name, (path, found) in given.items()}
    lineage = Lineage("report_gen", inputs, {}, given["family"][1]["data_digest"])
    page = Path(report)
    # The page is a single file without artifact.json; it is written again each time, which takes a second.
    folder = page.with_name(f"{page.name}.work")
    run = _assemble(folder / "pipeline", supernet, result, family)
    paths_of_models = {_add_model(run, path): f"{uri_of(path)}/{SERVING}" for path in models}
    for path in evaluations:
        file = Path(path) / EVALUATION_FILE
        copy(file, run.member_files(read_value(file, ModelEvaluation, PUT_BACK).stage).evaluation)
    for path in compressed_models:
        value = read_artifact("compressed_models", path, [COMPRESSED])
        for method in value["methods"]:
            copy(Path(path) / method, run.member_files(int(value["stage"])).compressed(method).folder)
    text = write_report(run).path.read_text("utf-8")
    for path, uri in paths_of_models.items():
        text = text.replace(escape(path), escape(uri))
    # For members that are missing the page shows a command, whose temporary folder is replaced.
    files.write_text(page, text.replace(escape(str(run.path)), "RUN"))
    _remove(folder)
    log("report_gen", "finished", output=report, members=len(models))
    metadata: dict[str, Any] = {"tfx_type": REPORT, "schema_version": SCHEMA, **lineage.metadata()}
    return Outcome(metadata)


def _assemble(path: Path, supernet: str, result: str, family: str) -> Run:
    _remove(path)
    run = RunFolder(path)
    for source, targets in (
        (family, (*(path / name for name in BASE), run.family_file)),
        (result, (run.search_result_file,)),
        (supernet, (run.supernet_log_file, run.supernet_done_file)),
    ):
        for target in targets:
            copy(Path(source) / target.relative_to(path), target)
    return Run.open(path)


def _add_model(run: Run, model: str) -> str:
    """Copies a member into the run, and returns the path of its SavedModel there."""
    stage = read_artifact("models", model, [MODEL])["stage"]
    copy(member_of(model, stage).folder, run.member(stage))
    target = run.member_files(stage).saved_model
    copy(Path(model) / SERVING, target)
    return str(target)


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
