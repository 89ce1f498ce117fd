"""What the check of a server found, as tables."""

from __future__ import annotations

from rich.table import Table

from scalenet_tf.cli.tables import console
from scalenet_tf.report.text import milliseconds
from scalenet_tf.serving.check import ServerCheck


def print_check(found: ServerCheck) -> None:
    """Prints the differences, then the latencies where some were measured."""
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
