"""Which rule predicts the best larger network from small ones, on public tables of trained networks?

    python -m studies.scaling_rules report
    python -m studies.scaling_rules report --tolerance 0.3

The tables are grids of network sizes and image sizes: MobileNetV1 and V2 of tensorflow/models, and families
of timm, with their top-1 accuracies on ImageNet; sources are in studies/scaling_rules/table.py. A family of
two or three small networks is built as a search would find it. Each rule of `scale.rule`, fitted to these,
and rules that do not know them choose a network at 2 and 4 times the multiply-adds, among those that the
table has there. Nothing is trained, and the tables take seconds.
"""

from __future__ import annotations

from typing import Annotated

import typer

from studies.common.cli import new_table_app, run_app

app = new_table_app(__doc__)
Tolerance = Annotated[
    float,
    typer.Option(min=0.01, max=0.33, help="Largest relative distance of multiply-adds from a budget."),
]


@app.command()
def report(tolerance: Tolerance = 0.2) -> None:
    """Print the tables as Markdown.

    Example: python -m studies.scaling_rules report --tolerance 0.3
    """
    from studies.scaling_rules.ladders import Settings
    from studies.scaling_rules.report import markdown
    from studies.scaling_rules.table import read_grids

    print(markdown(read_grids(), Settings(tolerance)))


if __name__ == "__main__":
    run_app(app)
