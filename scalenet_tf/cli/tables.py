"""Tables that the command line prints."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scalenet_tf.report.compression import CompressionRow
from scalenet_tf.report.family import FamilyRow, family_rows
from scalenet_tf.report.table import FamilyTable
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.profile import MemberProfile
from scalenet_tf.run.search_result import SearchResult, read_search_result
from scalenet_tf.utils.formatting import MISSING, count, duration, memory, milliseconds, percent
from scalenet_tf.utils.printable import one_line, printable

if TYPE_CHECKING:
    from scalenet_tf.search.best import StageTrial
    from scalenet_tf.serving.server_check import ServerCheck


class _PrintableConsole(Console):
    """A console that escapes unprintable characters, which a user's names may contain."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(printable(text), **options)


def console() -> Console:
    """Returns a console on stdout, wide enough for the tables if that is a file or a pipe."""
    width = None if sys.stdout.isatty() else 180
    # No markup: a user's names and paths may contain brackets.
    return _PrintableConsole(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def family_table(rows: list[FamilyRow]) -> Table:
    """Returns the family as a table; scaling is depth / width / resolution."""
    texts = FamilyTable.of(rows)
    first, second, *numbers = texts.headings
    table = Table(first, second, title="The family", title_justify="left")
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("SavedModel", overflow="fold")
    for row, cells in zip(rows, texts.rows, strict=True):
        table.add_row(*cells, str(row.saved_model) if row.saved_model else MISSING)
    table.caption = "\n".join(texts.notes) or None
    return table


def compression_table(rows: list[CompressionRow]) -> Table:
    """Returns a table that compares compressed files with their members' float32 files."""
    table = Table("member", "method", title="Compressed members", title_justify="left")
    sizes, latencies = ("size", "to float", "gzip"), ("1 image", "to float", "32 images")
    for heading in ("validation", "test", *sizes, *latencies, "differs"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.member.upper(),
            row.method,
            percent(row.validation_accuracy),
            percent(row.test_accuracy),
            memory(row.size),
            f"{row.relative_size:.0%}",
            memory(row.gzip_size),
            f"{row.latency_ms:.3f} ms",
            f"{row.relative_latency:.2f} x",
            f"{row.latency_32_ms:.2f} ms",
            f"{row.largest_difference:.2g}",
        )
    table.caption = "LiteRT's interpreter, one thread, median. Differs: the largest of a probability."
    return table


def print_outcome(run: Run) -> None:
    """Prints the family, the cost of the search, and the path of the report."""
    out = console()
    out.print(family_table(family_rows(run)))
    result = read_search_result(run)
    if result is not None:
        out.print(search_cost(result))
        if result.finalists is not None:
            out.print(finalists_table(result))
    if run.report_file.is_file():
        out.print(f"report: {run.report_file}", soft_wrap=True)


def search_cost(result: SearchResult) -> str:
    """Returns the cost of a search in one line."""
    cost = result.cost
    text = (
        f"search cost: {cost.trials} trials, {count(cost.images)} images, {count(cost.macs)} MACs, "
        f"{cost.cache_hits} scores from the cache, "
    )
    if (own := cost.confirmation) is not None:
        text += (
            f"and {own.trials} trainings of finalists, {count(own.images)} images, {count(own.macs)} MACs, "
        )
    return text + duration(result.environment.seconds)


def finalists_table(result: SearchResult) -> Table:
    """Returns the finalists of a search as a table; the family's one has a star."""
    table = Table("finalist", title="The finalists of the search", title_justify="left")
    stages = [f"S{entry.stage}" for entry in result.scalings]
    for heading in ("fitness", "after training", *stages):
        table.add_column(heading, justify="right", no_wrap=True)
    for finalist in result.finalists or ():
        trained = finalist.confirmed_fitness
        table.add_row(
            finalist.name + (" *" if finalist == result.chosen else ""),
            f"{finalist.fitness:.3f}",
            MISSING if trained is None else f"{trained:.3f}",
            *map(percent, finalist.confirmed),
        )
    table.caption = "* the family's. Fitness: with shared weights, and after training; stages after training."
    return table


def data_table(source: str, info: DataInfo) -> Table:
    """Returns the size, classes and splits of a data source as a table."""
    table = Table(show_header=False, title=source, title_justify="left")
    for split, number in info.counts.items():
        table.add_row(split, f"{number:,} images")
    table.add_row("size", f"{_sizes(info)}, {info.channels} channel(s)")
    table.add_row("classes", f"{info.classes}: {', '.join(map(one_line, info.labels))}")
    if info.skipped:
        table.add_row("skipped", f"{info.skipped:,} images that cannot be decoded")
    table.add_row("digest", info.digest)
    return table


def _sizes(info: DataInfo) -> str:
    found = info.stored
    if found is None or found.smallest == found.largest:
        return f"{info.image_size} x {info.image_size}"
    return f"{found.smallest} … {found.largest} px, to be resized"


def trials_table(stage: int, trials: list[StageTrial]) -> Table:
    """Returns the best trials of one scaling stage as a table."""
    table = Table("trial", title=f"best trials of stage {stage}", title_justify="left")
    for heading in ("score", "depth / width / pixels", "MACs", "parameters", "peak memory", "latency"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("base", overflow="fold")
    for trial in trials:
        table.add_row(
            str(trial.trial),
            percent(trial.score),
            str(trial.scaling).replace("/", " / "),
            count(trial.macs),
            count(trial.parameters),
            memory(trial.peak_memory),
            milliseconds(trial.latency_ms),
            str(trial.base),
        )
    return table


def profile_table(rows: list[MemberProfile], threads: int) -> Table:
    """Returns size, memory and latency of exported members as a table."""
    title = f"exported members on this device, {threads} thread(s)"
    table = Table("stage", "format", title=title, title_justify="left")
    for heading in ("size", "peak memory", *(f"batch {batch}" for batch in rows[0].latency_ms)):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        times = [f"{milliseconds(time.p50)} / {time.p90:.2f}" for time in row.latency_ms.values()]
        table.add_row(f"S{row.stage}", row.format, memory(row.bytes), memory(row.peak_memory), *times)
    table.caption = "Times: p50 / p90 of a call. Peak memory: of the whole process, the runtime included."
    return table


def print_check(found: ServerCheck) -> None:
    """Prints the differences of a served model, and its latencies if they were measured."""
    out = console()
    title = f"{found.model}: version {found.version} against the run's model"
    compared = Table("way", "signature", title=title, title_justify="left")
    for heading in ("images", "largest difference", "same label"):
        compared.add_column(heading, justify="right", no_wrap=True)
    for row in found.comparisons:
        difference = f"{row.largest_difference:.2g}"
        compared.add_row(row.protocol, row.signature, str(row.images), difference, str(row.same_labels))
    out.print(compared)
    if not found.latencies:
        return
    load = found.latencies[0].load
    title = f"{load.requests} requests of {load.batch} image(s), {load.concurrency} at a time"
    latency = Table("way", title=title, title_justify="left")
    for heading in ("p50", "p90", "p99", "images/s"):
        latency.add_column(heading, justify="right", no_wrap=True)
    for timed in found.latencies:
        shown = [milliseconds(value) for value in (timed.p50, timed.p90, timed.p99)]
        latency.add_row(timed.protocol, *shown, f"{timed.images_per_second:.0f}")
    out.print(latency)
