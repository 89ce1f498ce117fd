"""One self-contained HTML file: it opens anywhere, without a network."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalenet_tf.report.compression import compression_rows
from scalenet_tf.report.family import family_rows
from scalenet_tf.run import Run
from scalenet_tf.utils import files, formatting
from scalenet_tf.utils.files import json_if_there

if TYPE_CHECKING:
    import plotly.graph_objects as go


def write_report(run: Run) -> Path:
    """Writes RUN/report.html from the files that the run holds.

    Args:
      run: Any run; parts that are not there yet name the command that makes them.

    Returns:
      The path of the page, about 5 MB, of which plotly.js is nearly all.

    Example:
      >>> write_report(Run.open("runs/first"))
    """
    from jinja2 import Environment, StrictUndefined
    from plotly.offline import get_plotlyjs

    from scalenet_tf.report.sections import sections

    family = family_rows(run)
    result = json_if_there(run.search / "result.json")
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
        compression=compression_rows(run),
        base=str_of_base(run),
        result=result,
        data=json_if_there(run.path / "data.json"),
        seconds=step_seconds(run),
        evaluations=evaluations(run),
        sections=charts,
        figures=[_figure_json(section.figure) for section in charts],
        plotly=get_plotlyjs(),
        provenance=json.dumps(stored_provenance(run), indent=2),
    )
    return files.write_text(run.report_file, page)


def str_of_base(run: Run) -> list[str]:
    """The base's ops, a line a stage; none where the family is not settled."""
    settled = json_if_there(run.family_file)
    return [" ".join(ops) for ops in settled["base"]["stages"]] if settled else []


def step_seconds(run: Run) -> dict[str, float]:
    """Wall seconds of each finished step, from the steps' own results."""
    found = {name: value.get("environment", {}) for name, value in _results(run).items()}
    return {
        name: surroundings["seconds"] for name, surroundings in found.items() if "seconds" in surroundings
    }


def evaluations(run: Run) -> list[tuple[str, dict[str, Any]]]:
    """What a pipeline's Evaluator said of each member, where there was one."""
    found = ((row.name, json_if_there(run.member(row.stage) / "evaluation.json")) for row in family_rows(run))
    return [(name, value) for name, value in found if value]


def stored_provenance(run: Run) -> dict[str, Any]:
    """What each result says that it came from; what all of them say stands once."""
    found = {name: value["provenance"] for name, value in _results(run).items() if "provenance" in value}
    if not found:
        return {}
    first, *others = found.values()
    shared = {key: part for key, part in first.items() if all(other.get(key) == part for other in others)}
    own = {name: {k: v for k, v in part.items() if k not in shared} for name, part in found.items()}
    return {"all results": shared, **own}


def _results(run: Run) -> dict[str, dict[str, Any]]:
    """The finished steps' own results, by name."""
    files_of = {
        "super-supernet": run.supernet / "done.json",
        "search": run.search / "result.json",
        "extrapolation": run.family_file,
    }
    for row in family_rows(run):
        files_of[f"member {row.name.upper()}"] = run.member(row.stage) / "metrics.json"
    found = {name: json_if_there(path) for name, path in files_of.items()}
    return {name: value for name, value in found.items() if value}


def _figure_json(figure: go.Figure | None) -> Any:
    # "</" would end the script element that holds the JSON.
    return figure.to_json().replace("</", "<\\/") if figure is not None else None
