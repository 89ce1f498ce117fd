from __future__ import annotations

import io
import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from scalenet_tf.cli.describe import config_keys, describe_config
from scalenet_tf.cli.describe_space import feasible_scalings, number_of_bases
from scalenet_tf.cli.main import main
from scalenet_tf.config import RunConfig, load_config
from scalenet_tf.costs.memory import memory_range
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.extrapolation.step import write_family
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.space import Scaling
from scalenet_tf.utils import formatting
from scalenet_tf.utils.formatting import memory, percent
from tests.helpers import tiny_search


def info(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["scalenet", "info", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    streams = capsys.readouterr()
    assert not end.value.code, streams.err
    return streams.out


def shown(table: object) -> str:
    console = Console(width=250, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


def test_the_papers_space_holds_as_many_bases_as_its_arithmetic_says() -> None:
    # Three ops; five stages of 1 to 4 blocks, two of one block.
    assert number_of_bases(load_space("paper")) == 3 * 3 * (3 + 9 + 27 + 81) ** 5


def test_number_of_bases_is_that_of_a_listing(searched_run: Run) -> None:
    space = load_space(searched_run.config.space)

    def choices(stage: int) -> list[tuple]:
        part = space.stages[stage]
        return [
            ops
            for depth in range(part.depth[0], part.depth[1] + 1)
            for ops in itertools.product(part.ops, repeat=depth)
        ]

    assert number_of_bases(space) == len(list(itertools.product(choices(0), choices(1))))


def test_info_space_prints_size_and_range_of_cost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = info(monkeypatch, capsys, "space", "paper")
    assert "223,948,800,000 base architectures (2.24e+11)" in text
    assert "306 M MACs ± 8 %" in text
    rows = {line.split()[0]: line for line in text.splitlines() if re.match(r"S\d ", line)}
    assert list(rows) == ["S0", "S1", "S2", "S3"]
    assert "612 M" in rows["S1"] and "224 240 256" in rows["S1"]
    paper = load_space("paper")
    assert f" {memory(memory_range(paper, Scaling.of(1, 1, 224))[0])}" in rows["S0"]
    least, most = (memory_range(paper, Scaling.of(m, m, r)) for m, r in ((1.04, 224), (1.16, 256)))
    assert f"{memory(least[0])} to {memory(most[1])}" in rows["S1"]


def test_feasible_scalings_are_some_of_each_menu() -> None:
    space = load_space("paper")
    found = feasible_scalings(space, sample=200)
    assert found[0] == 1
    for count, menu in zip(found[1:], space.menus[1:], strict=True):
        assert 0 < count < len(menu.scalings())


def test_info_space_still_shows_the_stages_of_a_space_out_of_reach(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, searched_run: Run
) -> None:
    text = Path(searched_run.config.space).read_text()
    (tmp_path / "far.yaml").write_text(text.replace("macs: 85000", "macs: 85000000"))
    monkeypatch.setattr(sys, "argv", ["scalenet", "info", "space", str(tmp_path / "far.yaml")])
    with pytest.raises(SystemExit) as end:
        main()
    streams = capsys.readouterr()
    assert end.value.code == 2
    assert "base architectures" in streams.out
    assert "`budget.macs` is too high" in streams.err


def test_info_family_counts_the_published_family_without_tensorflow(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = info(monkeypatch, capsys, "family")
    rows = {line.split()[0]: line for line in text.splitlines() if re.match(r"S\d ", line)}
    assert list(rows) == ["S0", "S1", "S2", "S3", "S4", "S5"]
    assert "1.653 / 1.534 / 457" in rows["S4"] and "6,424,158,182" in rows["S4"]
    assert "No ImageNet weights are shipped" in text
    small = info(monkeypatch, capsys, "family", "--classes", "10", "--channels", "1")
    assert f"{6_686_680 - 990 * 1281 - 2 * 9 * 32:,}" in small
    code = (
        "import sys; sys.argv = ['scalenet', 'info', 'family']; from scalenet_tf.cli.main import main\n"
        "try: main()\nexcept SystemExit as exit: assert not exit.code\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0 and "38,206,942" in result.stdout, result.stderr


def test_info_config_shows_every_key_with_its_meaning() -> None:
    text = shown(describe_config(config_keys(RunConfig())))
    for key in ("seed", "data.augmentation.flip", "supernet.stage_weights", "members.scratch_epochs"):
        assert key in text
    assert "widths or equal or cost or resolutions or list of float" in text
    assert "Mirror left and right" in text
    keys = config_keys(RunConfig())
    assert len(keys) > 90 and not [key.key for key in keys if len(key.meaning.split()) < 2]


def test_info_config_shows_one_section_and_the_values_of_a_file() -> None:
    text = shown(describe_config(config_keys(load_config("smoke", ["search.rounds=77"]), "search")))
    assert "77" in text and "search.population" in text and "supernet." not in text


def test_info_config_names_the_nearest_section() -> None:
    with pytest.raises(ScaleNetError, match=r"`section` must be one of .* Did you mean 'supernet'\?"):
        config_keys(RunConfig(), "supernets")


def test_info_run_shows_steps_and_family(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], finished_run: Run
) -> None:
    text = info(monkeypatch, capsys, "run", str(finished_run.path))
    assert "report   not started" in text
    assert "\nS3 *" in text and "87.34 %" in text
    assert "search cost: " in text
    assert f"continue: scalenet run --run {finished_run.path}" in text


def test_info_run_shows_the_finalists_and_their_cost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = tiny_search.new_run(tmp_path / "run", config=tiny_search.CONFIRMED)
    tiny_search.search(run)
    result = read_search_result(run)
    assert result is not None and result.finalists is not None and result.chosen is not None
    spent = result.cost.confirmation
    write_family(run)
    text = info(monkeypatch, capsys, "run", str(run.path))
    assert (
        spent is not None
        and f"and {spent.trials} trainings of finalists, {formatting.count(spent.images)}" in text
    )
    lines = [line.split() for line in text.splitlines() if line.startswith(("round", "arch"))]
    assert len(lines) == len(result.finalists)
    for line, finalist in zip(lines, result.finalists, strict=True):
        assert ("*" in line) == (finalist == result.chosen)
        assert f"{finalist.fitness:.3f}" in line and f"{finalist.confirmed_fitness:.3f}" in line
        assert percent(finalist.confirmed[0]).split()[0] in line


@pytest.mark.parametrize("name", ["quickstart", "smoke", "fashion_mnist", "imagenet"])
def test_configurations_load_and_open_with_their_command(name: str) -> None:
    from importlib import resources

    assert load_config(name).seed == 0
    text = resources.files("scalenet_tf.config.runs").joinpath(f"{name}.yaml").read_text("utf-8")
    assert text.startswith(f"# scalenet run --config {name} --run runs/{name}")
