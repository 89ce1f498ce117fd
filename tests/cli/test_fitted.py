"""Tables at the widths of terminals, and in pipes."""

from __future__ import annotations

import fcntl
import io
import os
import pty
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


def family(run: Run, saved_model: str) -> FittedTable:
    """The table of the family of a run, whose members are exported to folders below `saved_model`."""
    rows = [replace(row, saved_model=Path(saved_model) / row.name) for row in family_rows(run)]
    return family_table(rows)


@pytest.mark.parametrize("width", WIDTHS)
def test_name_accuracy_and_path_survive_at_every_width(finished_run: Run, width: int) -> None:
    path = "runs/first/members/saved_model"
    lines = shown(family(finished_run, path), width)
    assert max(map(cell_len, lines)) <= width
    (found,) = [line for line in lines if "S3 *" in line]
    assert "87.34 %" in found and f"{path}/s3" in found
    named = {"MACs": 80, "depth / width / pixels": 100, "parameters": 140, "latency": 140}
    assert {heading for heading, least in named.items() if width >= least} <= {
        word.strip() for word in lines[2].strip("┃").split("┃")
    }


@pytest.mark.parametrize("width", WIDTHS[:3])
def test_a_path_that_fits_no_column_is_shown_whole_in_blocks(finished_run: Run, width: int) -> None:
    path = "/home/somebody/projects/" + "/".join(["deep"] * 20)
    lines = shown(family(finished_run, path), width)
    start = lines.index("stage S3 *")
    block = lines[start : start + len(family(finished_run, path).columns)]
    assert f"SavedModel              {path}/s3" in [line.strip() for line in block]
    assert any(line.split()[0] == "test" and "87.34 %" in line for line in block)
    assert lines[start - len(block)] == "stage S2"


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


def test_a_pipe_gets_everything_in_one_line(finished_run: Run) -> None:
    command = [sys.executable, "-m", "scalenet_tf.cli", "info"]
    keys = subprocess.run([*command, "config"], capture_output=True, text=True, check=True).stdout
    meaning = next(key.meaning for key in config_keys(RunConfig()) if key.key == "search.confirm")
    (found,) = [line for line in keys.splitlines() if "search.confirm " in line]
    assert meaning in found and "Not shown" not in keys
    text = subprocess.run(
        [*command, "run", str(finished_run.path)], capture_output=True, text=True, check=True
    ).stdout
    (heading,) = [line for line in text.splitlines() if "peak memory" in line]
    assert "SavedModel" in heading and "blocks" in heading


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
    assert max(map(cell_len, lines[: lines.index(next(x for x in lines if "search cost" in x))])) <= 80
