"""A run as a table in a notebook."""

from __future__ import annotations

from scalenet_tf.config import RunConfig
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.html import html_table


def run_html(run: RunFolder, config: RunConfig) -> str:
    """Returns the directory, the data, the space and the finished job steps of a run as an HTML table."""
    trained = [folder.name for folder in run.member_folders if (folder / "metrics.json").is_file()]
    done = {
        "train": run.supernet_done_file.is_file(),
        "search": run.search_result_file.is_file(),
        "scale": run.family_file.is_file(),
        "report": run.report_file.is_file(),
    }
    rows = {
        "run": str(run.path),
        "data": config.data.source,
        "space": config.space,
        "seed": str(config.seed),
        "done": ", ".join(step for step, there in done.items() if there) or "nothing yet",
        "trained members": ", ".join(trained) or "none yet",
    }
    return html_table((), rows.items())
