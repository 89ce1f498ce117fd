"""Everything that the templates of the report show, read from the files of a run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import JsonValue

from scalenet_tf.config import Task
from scalenet_tf.report import classes
from scalenet_tf.report.cost_charts import accuracy_charts
from scalenet_tf.report.csv_link import family_csv, files_csv
from scalenet_tf.report.exported_files import file_rows
from scalenet_tf.report.family import FamilyRow, family_rows
from scalenet_tf.report.predictions import pictures
from scalenet_tf.report.recommendation import Limits, Recommendation
from scalenet_tf.report.sections import sections
from scalenet_tf.report.standard_error import error_of, level_with_previous
from scalenet_tf.report.table import accuracy_notes, is_skewed
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import DataInfo, read_data_info
from scalenet_tf.run.evaluation import ModelEvaluation, read_evaluation
from scalenet_tf.run.family import Family, read_family
from scalenet_tf.run.metrics import Metrics, read_metrics
from scalenet_tf.run.samples import read_samples
from scalenet_tf.run.search_result import SearchResult, read_search_result
from scalenet_tf.run.states import step_states
from scalenet_tf.run.supernet_done import SupernetDone, read_supernet_done


def page_content(run: Run, limits: Limits, advice: Recommendation) -> dict[str, Any]:
    """Returns the values of the page's templates, by name.

    Args:
      run: Any run.
      limits: Limits of the device that a member is recommended for.
      advice: The member that is recommended.
    """
    family, data = family_rows(run), read_data_info(run)
    trained = [row for row in family if row.test_accuracy is not None]
    # Without a recommendation, the smallest trained member stands for the others.
    shown = advice.row or (trained[0] if trained else None)
    file_table = file_rows(run, family)
    task = run.config.task
    return {
        "run": run,
        "data": data,
        "several": task is Task.multi_label,
        "score": task.score,
        "unit": f" {task.short_score}" if task is Task.multi_label else "",
        "states": {name: state for name, state in step_states(run).items() if name != "report"},
        "limits": limits,
        "advice": advice,
        "family": family,
        "errors": {row.name: error_of(row) for row in family},
        "level": level_with_previous(family),
        "balanced": is_skewed(family),
        "notes": accuracy_notes(family),
        "family_csv": family_csv(run, family),
        "base": ops_of_base(run),
        "untrained": [row.name for row in family if row.test_accuracy is None],
        "unexported": [row.name for row in trained if row.saved_model is None],
        "cost_charts": accuracy_charts(family, advice.row),
        "shown": shown,
        "files": file_table,
        "files_csv": files_csv(file_table),
        "evaluations": evaluations(run),
        "sections": sections(run, family),
        "result": read_search_result(run),
        "seconds": step_seconds(run),
        "provenance": json.dumps(stored_provenance(run), indent=2),
        **_predictions(run, shown, data),
        **_classes(run, trained, shown, data),
    }


def _predictions(run: Run, shown: FamilyRow | None, data: DataInfo | None) -> dict[str, Any]:
    samples = read_samples(run, shown.stage) if shown else None
    names = classes.class_names(data) if data else []
    return {
        "samples": samples,
        "right": pictures(samples.right, names) if samples else [],
        "wrong": pictures(samples.wrong, names) if samples else [],
    }


def _classes(
    run: Run, trained: Sequence[FamilyRow], shown: FamilyRow | None, data: DataInfo | None
) -> dict[str, Any]:
    found = {row.name: metrics for row in trained if (metrics := read_metrics(run, row.stage))}
    rows = classes.class_rows(data, found.get(shown.name) if shown else None) if data else []
    # The base and the largest member: where both are wrong, a larger network does not help.
    ends = {name: found[name] for name in dict.fromkeys((*list(found)[:1], *list(found)[-1:]))}
    names = [row.name for row in rows]
    return {
        "classes": rows,
        "class_table": classes.worst_classes(rows),
        "confusions": {
            name: (classes.confusion_rows(metrics, names), classes.worst_mistakes(metrics, names))
            for name, metrics in ends.items()
            if metrics.confusion
        },
        "calibration": {
            name: metrics.calibration_error
            for name, metrics in found.items()
            if metrics.calibration_error is not None
        },
    }


def ops_of_base(run: Run) -> list[str]:
    """Returns the ops of the base, one line per stage; none if there is no family yet."""
    family = read_family(run)
    return [" ".join(map(str, ops)) for ops in family.base.stages] if family else []


def step_seconds(run: Run) -> dict[str, float]:
    """Returns the wall seconds of each finished job step, by the name of the result."""
    return {name: result.environment.seconds for name, result in _results(run).items()}


def evaluations(run: Run) -> list[tuple[str, ModelEvaluation]]:
    """Returns the evaluations of the members that a pipeline's Evaluator wrote."""
    found = [(row.name, read_evaluation(run, row.stage)) for row in family_rows(run)]
    return [(name, value) for name, value in found if value is not None]


def stored_provenance(run: Run) -> dict[str, dict[str, JsonValue]]:
    """Returns the provenance of all results, with the parts that they share given once."""
    found = {name: result.provenance.model_dump(mode="json") for name, result in _results(run).items()}
    if not found:
        return {}
    first, *others = found.values()
    shared = {key: part for key, part in first.items() if all(other.get(key) == part for other in others)}
    own = {name: {k: v for k, v in part.items() if k not in shared} for name, part in found.items()}
    return {"all results": shared, **own}


def _results(run: Run) -> dict[str, SupernetDone | SearchResult | Family | Metrics]:
    """Returns the results of the finished job steps, by name."""
    found = {
        "super-supernet": read_supernet_done(run),
        "search": read_search_result(run),
        "extrapolation": read_family(run),
        **{f"member {row.name.upper()}": read_metrics(run, row.stage) for row in family_rows(run)},
    }
    return {name: result for name, result in found.items() if result is not None}
