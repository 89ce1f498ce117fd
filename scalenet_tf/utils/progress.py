"""The bar of a training: steps done, time left, latest results."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def step_bar(console: Console) -> Progress:
    """A bar whose tasks have a description and a field `results`; hidden where there is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("steps, left:"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[results]}"),
        console=console,
        disable=not console.is_terminal,
    )
