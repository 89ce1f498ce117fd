"""Tables and lines of results that the command line prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scalenet_tf.cli.fitted import Column, FittedTable, console
from scalenet_tf.report.compression import CompressionRow
from scalenet_tf.report.family import FamilyRow, family_rows
from scalenet_tf.report.table import FamilyTable
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import DataInfo, colour_in_words, sizes_in_words
from scalenet_tf.run.profile import MemberProfile
from scalenet_tf.run.search_result import SearchResult, read_search_result
from scalenet_tf.utils.formatting import MISSING, count, duration, memory, milliseconds, percent
from scalenet_tf.utils.printable import one_line

if TYPE_CHECKING:
    from scalenet_tf.search.best import StageTrial
    from scalenet_tf.serving.server_check import ServerCheck

# Ranks of the family's columns by the first word of their heading: the higher, the sooner left out.
_FAMILY_RANKS = {
    "stage": 0,
    "test": 0,
    "latency": 1,
    "MACs": 2,
    "parameters": 3,
    "depth": 4,
    "balanced": 5,
    "validation": 6,
    "peak": 7,
    "blocks": 8,
}


def family_table(rows: list[FamilyRow]) -> FittedTable:
    """Returns the family as a table; scaling is depth / width / resolution."""
    texts = FamilyTable.of(rows)
    cells = list(zip(*texts.rows, strict=True)) or [()] * len(texts.headings)
    columns = [
        Column(heading, column, _FAMILY_RANKS[heading.split()[0]], number=index > 1)
        for index, (heading, column) in enumerate(zip(texts.headings, cells, strict=True))
    ]
    return FittedTable([*columns, *_saved_models(rows)], "The family", texts.notes)


def _saved_models(rows: list[FamilyRow]) -> list[Column]:
    """The column of the paths of SavedModels, none if there are no exports."""
    found = [(row.name.upper(), row.saved_model) for row in rows if row.saved_model]
    if not found:
        return []
    # members/s0/saved_model/1 of the first one, S0.
    version = found[0][1]
    pattern = version.parents[2] / "sN" / version.parent.name / version.name
    only = f", exported: {', '.join(name for name, _ in found)}" if len(found) < len(rows) else ""
    paths = [str(row.saved_model) if row.saved_model else MISSING for row in rows]
    rank = max(_FAMILY_RANKS.values()) + 1
    return [Column("SavedModel", paths, rank, otherwise=f"SavedModel of SN: {pattern}{only}")]


def compression_table(rows: list[CompressionRow]) -> FittedTable:
    """Returns a table that compares compressed files with their members' float32 files."""
    columns = [
        Column("member", [row.member.upper() for row in rows]),
        Column("method", [row.method for row in rows]),
        numbers("validation", [percent(row.validation_accuracy) for row in rows], 3),
        numbers("test", [percent(row.test_accuracy) for row in rows]),
        numbers("size", [memory(row.size) for row in rows]),
        numbers("to float", [f"{row.relative_size:.0%}" for row in rows], 2),
        numbers("gzip", [memory(row.gzip_size) for row in rows], 5),
        numbers("1 image", [f"{row.latency_ms:.3f} ms" for row in rows]),
        numbers("to float", [f"{row.relative_latency:.2f} x" for row in rows], 1),
        numbers("32 images", [f"{row.latency_32_ms:.2f} ms" for row in rows], 6),
        numbers("differs", [f"{row.largest_difference:.2g}" for row in rows], 4),
    ]
    note = "LiteRT's interpreter, one thread, median. Differs: the largest of a probability."
    return FittedTable(columns, "Compressed members", [note])


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


def finalists_table(result: SearchResult) -> FittedTable:
    """Returns the finalists of a search as a table; the family's one has a star."""
    found = result.finalists or ()
    trained = [finalist.confirmed_fitness for finalist in found]
    columns = [
        Column("finalist", [one.name + (" *" if one == result.chosen else "") for one in found]),
        numbers("fitness", [f"{one.fitness:.3f}" for one in found], 1),
        numbers("after training", [MISSING if value is None else f"{value:.3f}" for value in trained]),
    ]
    for index, entry in enumerate(result.scalings):
        # The largest stages are what a search is for.
        rank = len(result.scalings) + 1 - index
        columns.append(numbers(f"S{entry.stage}", [percent(one.confirmed[index]) for one in found], rank))
    note = "* the family's. Fitness: with shared weights, and after training; stages after training."
    return FittedTable(columns, "The finalists of the search", [note])


def data_table(source: str, info: DataInfo) -> FittedTable:
    """Returns the size, classes and splits of a data source as a table."""
    rows = {split: f"{number:,} images" for split, number in info.counts.items()}
    resized = ", to be resized" if info.sizes_differ else ""
    rows["size"] = f"{sizes_in_words(info)} px{resized}, {colour_in_words(info.channels)}"
    rows["classes"] = f"{info.classes}: {', '.join(map(one_line, info.labels))}"
    if info.skipped:
        rows["skipped"] = f"{info.skipped:,} images that cannot be decoded"
    rows["digest"] = info.digest
    columns = [Column("", list(rows)), Column("", list(rows.values()), prose=True)]
    return FittedTable(columns, source, headings=False)


def trials_table(stage: int, trials: list[StageTrial]) -> FittedTable:
    """Returns the best trials of one scaling stage as a table."""
    scalings = [str(trial.scaling).replace("/", " / ") for trial in trials]
    columns = [
        Column("trial", [str(trial.trial) for trial in trials]),
        numbers("score", [percent(trial.score) for trial in trials]),
        numbers("depth / width / pixels", scalings, 2),
        numbers("MACs", [count(trial.macs) for trial in trials], 1),
        numbers("parameters", [count(trial.parameters) for trial in trials], 3),
        numbers("peak memory", [memory(trial.peak_memory) for trial in trials], 5),
        numbers("latency", [milliseconds(trial.latency_ms) for trial in trials], 4),
        Column("base", [str(trial.base) for trial in trials], prose=True),
    ]
    return FittedTable(columns, f"best trials of stage {stage}")


def profile_table(rows: list[MemberProfile], threads: int) -> FittedTable:
    """Returns size, memory and latency of exported members as a table."""
    columns = [
        Column("stage", [f"S{row.stage}" for row in rows]),
        Column("format", [row.format for row in rows]),
        numbers("size", [memory(row.bytes) for row in rows]),
        numbers("peak memory", [memory(row.peak_memory) for row in rows], 9),
    ]
    for index, batch in enumerate(rows[0].latency_ms):
        times = [row.latency_ms[batch] for row in rows]
        shown = [f"{milliseconds(time.p50)} / {time.p90:.2f}" for time in times]
        columns.append(numbers(f"batch {batch}", shown, index))
    note = "Times: p50 / p90 of a call. Peak memory: of the whole process, the runtime included."
    return FittedTable(columns, f"exported members on this device, {threads} thread(s)", [note])


def print_check(found: ServerCheck) -> None:
    """Prints the differences of a served model, and its latencies if they were measured."""
    out, rows = console(), found.comparisons
    compared = [
        Column("way", [row.protocol for row in rows]),
        Column("signature", [row.signature for row in rows]),
        numbers("images", [str(row.images) for row in rows], 1),
        numbers("largest difference", [f"{row.largest_difference:.2g}" for row in rows]),
        numbers("same label", [str(row.same_labels) for row in rows], 1),
    ]
    out.print(FittedTable(compared, f"{found.model}: version {found.version} against the run's model"))
    if not found.latencies:
        return
    load, times = found.latencies[0].load, found.latencies
    columns = [
        Column("way", [timed.protocol for timed in times]),
        numbers("p50", [milliseconds(timed.p50) for timed in times]),
        numbers("p90", [milliseconds(timed.p90) for timed in times], 1),
        numbers("p99", [milliseconds(timed.p99) for timed in times], 1),
        numbers("images/s", [f"{timed.images_per_second:.0f}" for timed in times]),
    ]
    title = f"{load.requests} requests of {load.batch} image(s), {load.concurrency} at a time"
    out.print(FittedTable(columns, title))


def numbers(heading: str, cells: Sequence[str], rank: int = 0) -> Column:
    """Returns a column of numbers; see `Column`."""
    return Column(heading, cells, rank, number=True)
