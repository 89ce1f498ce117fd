"""`scalenet pipelines`: the commands of `python -m pipelines`, loaded when one of them is asked for."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup


class Pipelines(TyperGroup):
    """The group of those commands. Loading them takes as long as all others together."""

    def list_commands(self, ctx: Any) -> list[str]:
        return _group().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _group().get_command(ctx, cmd_name)


def register(app: typer.Typer) -> None:
    """Adds the commands `pipelines …` to `app`."""
    group = typer.Typer(
        cls=Pipelines,
        help="Run the main job as a pipeline of components, on this machine, Kubeflow or Vertex AI.",
        epilog="Get started: scalenet pipelines run-local --config smoke",
        no_args_is_help=True,
    )
    app.add_typer(group, name="pipelines", rich_help_panel="Pipelines")


def _group() -> Any:
    from pipelines.cli import app

    return typer.main.get_command(app)
