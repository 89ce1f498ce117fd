"""The report page: one self-contained HTML file that opens without a network."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from scalenet_tf.config import Task
from scalenet_tf.report.compression import compression_rows
from scalenet_tf.report.family import family_rows
from scalenet_tf.report.standard_error import level_with_previous
from scalenet_tf.report.table import accuracy_notes, is_skewed
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import read_data_info
from scalenet_tf.run.evaluation import ModelEvaluation, read_evaluation
from scalenet_tf.run.family import Family, read_family
from scalenet_tf.run.metrics import Metrics, read_metrics
from scalenet_tf.run.search_result import SearchResult, read_search_result
from scalenet_tf.run.supernet_done import SupernetDone, read_supernet_done
from scalenet_tf.utils import files, formatting

if TYPE_CHECKING:
    import plotly.graph_objects as go


def write_report(run: Run) -> Path:
    """Writes RUN/report.html from the results that a run has so far.

    Args:
      run: Any run; for a missing part the page gives the command that makes it.

    Returns:
      The path of the page. Nearly all of its 5 MB are plotly.js.

    Example:
      >>> write_report(Run.open("runs/first"))
    """
    from jinja2 import Environment, StrictUndefined
    from plotly.offline import get_plotlyjs

    from scalenet_tf.report.sections import sections

    family = family_rows(run)
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for function in (
        formatting.count,
        formatting.memory,
        formatting.percent,
        formatting.milliseconds,
        formatting.duration,
    ):
        environment.filters[function.__name__] = function
    template = environment.from_string(
        resources.files(__package__).joinpath("template.html").read_text("utf-8")
    )
    charts = sections(run, family)
    page = template.render(
        run=run,
        family=family,
        level=level_with_previous(family),
        balanced=is_skewed(family),
        notes=accuracy_notes(family),
        unit=f" {run.config.task.short_score}" if run.config.task is Task.multi_label else "",
        score=run.config.task.score,
        compression=compression_rows(run),
        base=str_of_base(run),
        result=read_search_result(run),
        data=read_data_info(run),
        seconds=step_seconds(run),
        evaluations=evaluations(run),
        sections=charts,
        figures=[_figure_json(section.figure) for section in charts],
        plotly=get_plotlyjs(),
        provenance=json.dumps(stored_provenance(run), indent=2),
    )
    return files.write_text(run.report_file, page)


def str_of_base(run: Run) -> list[str]:
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


def _figure_json(figure: go.Figure | None) -> Any:
    # "</script" would end the script element around the JSON, and "<!--" keep it from ending.
    return figure.to_json().replace("<", "\\u003c") if figure is not None else None
