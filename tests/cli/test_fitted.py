"""Tables at the widths of terminals, and in pipes."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from scalenet_tf.cli.describe import config_keys, describe_config, describe_family, published_rows
from scalenet_tf.cli.describe_space import describe_space
from scalenet_tf.cli.fitted import Column, FittedTable, _PrintableConsole
from scalenet_tf.cli.runs import runs_table
from scalenet_tf.cli.tables import compression_table, data_table, family_table, profile_table, trials_table
from scalenet_tf.config import RunConfig
from scalenet_tf.presets import load_space
from scalenet_tf.report.compression import CompressionRow
from scalenet_tf.report.family import family_rows
from scalenet_tf.run import Run
from scalenet_tf.run.listing import list_runs
from scalenet_tf.run.profile import CallTimes, MemberProfile
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.search.best import StageTrial

WIDTHS = (60, 80, 100, 140)


def shown(table: object, width: int) -> list[str]:
    out = io.StringIO()
    _PrintableConsole(file=out, width=width, highlight=False, markup=False).print(table)
    return out.getvalue().splitlines()


def family(run: Run, folder: str) -> FittedTable:
    """The table of the family of a run in a folder."""
    rows = [
        replace(row, saved_model=Path(folder) / "members" / row.name / "saved_model/1")
        for row in family_rows(run)
    ]
    return family_table(rows)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("folder", ["runs/first", "/home/somebody/projects/" + "/".join(["deep"] * 20)])
def test_name_accuracy_cost_and_path_survive_at_every_width(
    finished_run: Run, width: int, folder: str
) -> None:
    lines = shown(family(finished_run, folder), width)
    (found,) = [line for line in lines if "S3 *" in line]
    assert "87.34 %" in found
    headings = {word.strip() for word in lines[2].strip("┃").split("┃")}
    named = {"latency": 60, "MACs": 60, "parameters": 60, "depth / width / pixels": 80, "validation": 140}
    assert {heading for heading, least in named.items() if width >= least} <= headings
    if "SavedModel" in headings:
        assert f"{folder}/members/s3/saved_model/1" in found
    else:
        # Whole, whatever its length, so that it can be copied.
        lines.remove(f"SavedModel of SN: {folder}/members/sN/saved_model/1")
    assert not any("Not shown" in line and "SavedModel" in line for line in lines)
    assert max(map(cell_len, lines)) <= width


def test_members_that_are_not_exported_are_told(finished_run: Run) -> None:
    rows = family_rows(finished_run)
    part = [replace(row, saved_model=row.saved_model if row.stage in (1, 2) else None) for row in rows]
    assert any(
        line.endswith("/members/sN/saved_model/1, exported: S1, S2") for line in shown(family_table(part), 80)
    )
    none = shown(family_table([replace(row, saved_model=None) for row in rows]), 300)
    assert not any("SavedModel" in line for line in none)


def test_columns_of_the_highest_rank_go_first_and_are_named() -> None:
    table = FittedTable(
        [Column("a", ["1"]), Column("b", ["2" * 30], 2), Column("c", ["3" * 30], 1), Column("d", ["4"], 2)]
    )
    assert [column.heading for column in table.fitting(100)] == ["a", "b", "c", "d"]
    assert [column.heading for column in table.fitting(60)] == ["a", "c"]
    assert [column.heading for column in table.fitting(10)] == ["a"]
    assert shown(table, 60)[-1] == "Not shown in 60 columns: b, d."
    assert table.fitting(4) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_descriptions_fit(width: int) -> None:
    config = describe_config(config_keys(RunConfig()))
    family = describe_family(published_rows(3, 1000), 3, 1000)
    for table in (*describe_space(load_space("small")), family, config):
        assert max(map(cell_len, shown(table, width)), default=0) <= width
    keys = shown(config, width)
    assert sum("supernet.checkpoint_minutes" in line for line in keys) == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_of_results_fit_with_their_name_and_figure(finished_run: Run, width: int) -> None:
    compressed = CompressionRow(
        "s2", "ptq-float16", 0.9012, 0.8934, 123456, 99999, 0.51, 0.123, 3.21, 0.87, 1e-4
    )
    times = {batch: CallTimes(p50=12.345, p90=13.2, calls=100) for batch in (1, 8, 32, 128)}
    profiled = MemberProfile(
        stage=2, format="litert-float16", bytes=10**6, latency_ms=times, peak_memory=10**8
    )
    drawn = draw_subnet(finished_run.space(), seed=0, step=0)
    trial = StageTrial(17, 0.8765, drawn.base, drawn.scaling, 10**6, 10**5, 10**4, 1.25)
    labels = tuple(f"a class with a long name {number}" for number in range(10))
    info = finished_run.data_info().model_copy(update={"labels": labels})
    tables = {
        ("S2", "89.34 %", "ptq-float16"): compression_table([compressed]),
        ("S2", "12.35 ms / 13.20", "litert-float16"): profile_table([profiled], 1),
        ("17", "87.65 %"): trials_table(1, [trial]),
        (str(finished_run.path.name), "report not started", "S0 84.3%"): runs_table(
            [replace(run, path=Path("runs") / run.path.name) for run in list_runs(finished_run.path)]
        ),
        ("classes", "long name 9"): data_table("folder:photos", info),
    }
    for texts, table in tables.items():
        lines = shown(table, width)
        assert max(map(cell_len, lines)) <= width
        flat = " ".join(" ".join(line.strip("│ ").split()) for line in lines)
        assert all(text in flat for text in texts), (texts, lines)


def piped(*words: str, **environment: str) -> list[str]:
    own = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-m", "scalenet_tf.cli", "info", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**own, **environment})
    return done.stdout.splitlines()


def test_a_pipe_gets_a_line_for_each_row_with_all_columns(finished_run: Run) -> None:
    keys = piped("config")
    known = config_keys(RunConfig())
    assert len(keys) == 2 + len(known) and keys[1].split() == ["key", "value", "type", "meaning"]
    assert not any(character in line for line in keys for character in "│┃━─┏└")
    for line, key in zip(keys[2:], known, strict=True):
        assert (
            line.startswith(f"{key.key} ") and line.endswith(f"  {key.meaning}") and f"  {key.type}  " in line
        )
    # As a pager shows them: no line is filled up to the width of the longest one.
    assert sorted(map(len, keys))[len(keys) // 2] < 220
    text = piped("run", str(finished_run.path))
    (heading,) = [line for line in text if "peak memory" in line]
    assert "SavedModel" in heading and "blocks" in heading
    (row,) = [line for line in text if line.startswith("S3 *")]
    assert re.split("  +", row)[0] == "S3 *" and row.endswith(f"{finished_run.path}/members/s3/saved_model/1")


def test_a_pipe_of_a_known_width_gets_what_fits_it() -> None:
    lines = piped("config", "search", COLUMNS="90")
    assert max(map(cell_len, lines)) == 90


def test_a_terminal_gets_what_fits(finished_run: Run) -> None:
    chief, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-m", "scalenet_tf.cli", "info", "run", finished_run.path.name]
    process = subprocess.Popen(
        command, stdout=terminal, cwd=finished_run.path.parent, env={**environment, "TERM": "dumb"}
    )
    os.close(terminal)
    text = b""
    while True:
        try:
            text += os.read(chief, 4096)
        except OSError:  # the other end is closed
            break
    os.close(chief)
    assert process.wait() == 0
    lines = text.decode().replace("\r", "").splitlines()
    assert any("S3 *" in line and "87.34 %" in line for line in lines)
    assert f"SavedModel of SN: {finished_run.path.name}/members/sN/saved_model/1" in lines
    assert max(map(cell_len, lines[: lines.index(next(x for x in lines if "search cost" in x))])) <= 80
