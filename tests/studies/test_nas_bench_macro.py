"""The study on NAS-Bench-Macro: on the table where it is at hand, otherwise on a made-up one of its form."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import BaseArchitecture
from studies.nas_bench_macro.__main__ import app
from studies.nas_bench_macro.comparison import METHODS
from studies.nas_bench_macro.costs import compare_costs
from studies.nas_bench_macro.ladder import choices, equal_choices, ladder
from studies.nas_bench_macro.problem import Problem
from studies.nas_bench_macro.table import Table, bench_space, code_of, read_table
from tests.helpers.public_data import public_data


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of the public one's form: a network is the better the more of its digits are 2."""
    rows = {}
    for digits in itertools.product("012", repeat=8):
        code = "".join(digits)
        mean = 85 + code.count("2") - 0.3 * code.count("0") + int(code, 3) / 10**5
        rows[code] = {
            "test_acc": [mean - 0.1, mean, mean + 0.1],
            "mean_acc": mean,
            "params": 1,
            "flops": 2,
        }
    path = tmp_path_factory.mktemp("table") / "table.json"
    path.write_text(json.dumps(rows))
    return path


@pytest.fixture(scope="module")
def table(file: Path) -> Table:
    return read_table(file)


def test_a_code_has_a_digit_for_each_block_and_zeros_behind() -> None:
    space = bench_space()
    k3, k5 = space.stages[0].ops
    built = BaseArchitecture(stages=((k5,), (k3, k5), (k3, k3, k5)))
    assert code_of(built, space) == "20120112"


def test_networks_are_all_of_the_space_and_ranks_count_better_ones(table: Table) -> None:
    assert len(table.networks) == 1176 and len({n.base for n in table.networks}) == 1176
    best = int(table.means.argmax())
    assert code_of(table.networks[best].base, table.space) == "22222222"
    assert table.rank[best] == table.rank_of_all[best] == 1
    assert sorted(table.rank) == list(range(1, 1177))
    assert (table.rank_of_all >= table.rank).all()


def test_a_neighbour_differs_by_one_edit_and_is_one_both_ways(table: Table) -> None:
    found = Problem(table).neighbours
    assert all(number in found[other] for number, own in enumerate(found) for other in own)
    for number, own in enumerate(found[:50]):
        code = code_of(table.networks[number].base, table.space)
        for other in own:
            pairs = zip(code, code_of(table.networks[other].base, table.space), strict=True)
            assert sum(one != two for one, two in pairs) == 1


@pytest.mark.parametrize("name", METHODS)
def test_a_method_asks_for_new_networks_and_repeats_itself(name: str, table: Table) -> None:
    method, problem = METHODS[name], Problem(table)
    parameters = method.parameters[0]
    order = method.search(problem, parameters, 3, 60)
    assert len(order) == len(set(order)) == 60
    assert method.search(problem, parameters, 3, 60) == order != method.search(problem, parameters, 4, 60)
    # On so smooth a table all but random search find one of the best.
    assert name == "random" or table.rank[order].min() <= 20


def test_a_ladder_is_judged_by_the_trainings_that_did_not_choose(table: Table) -> None:
    accuracies, macs = ladder(table)
    assert accuracies.shape == (72, 2, 3) and macs.shape == (72, 2)
    made = np.zeros((2, 2, 3))
    made[0, :, 0] = (0.9, 0.1)  # the first training prefers base 0 for S0, base 1 for both
    made[1, :, 0] = (0.5, 0.8)
    made[0, :, 1:], made[1, :, 1:] = 0.4, 0.6
    first = choices(made)[0]
    assert (first.joint, first.alone, first.average) == pytest.approx((0.6, 0.4, 0.5))


def test_with_equal_data_two_trainings_choose_and_the_third_judges() -> None:
    made = np.zeros((2, 2, 3))
    made[0, 0], made[1, 0] = (0.9, 0.1, 0.0), (0.5, 0.4, 0.0)  # S0: base 0 in the mean of the first two
    made[0, 1], made[1, 1] = (
        (0.1, 0.5, 0.2),
        (0.6, 0.1, 0.6),
    )  # both: base 1 by the first, base 0 by the second
    third = equal_choices(made)[2]
    assert (third.joint, third.alone) == pytest.approx(((0.3 + 0.1) / 2, 0.1))


def test_the_command_line_resumes_and_reports(file: Path, tmp_path: Path) -> None:
    command = ["run", str(file), "--output", str(tmp_path), "--quick", "--share", "1/5"]
    assert CliRunner().invoke(app, command).exit_code == 0
    blocks = {path: path.stat().st_mtime_ns for path in (tmp_path / "blocks").iterdir()}
    assert CliRunner().invoke(app, command).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "blocks").iterdir()} == blocks
    printed = CliRunner().invoke(app, ["report", str(tmp_path)]).output
    assert "1,176 of 6,561 codes. Multiply-adds equal to the digit: 0; parameters: 0." in printed
    assert (
        "| mcea | population " in printed and "| random, by (N + 1) / (n + 1) | | 107.0 | 23.1 |" in printed
    )
    assert "72 bases with a network of 1.5 times the depth" in printed
    shutil.rmtree(tmp_path / "best")  # as before the first search has ended
    assert "72 bases" in CliRunner().invoke(app, ["report", str(tmp_path)]).output


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"00000000": {}}')
    with pytest.raises(ScaleNetError, match=r"`table` must be the file of NAS-Bench-Macro, https"):
        read_table(tmp_path / "other.json")


def test_our_costs_are_those_of_the_public_table() -> None:
    table = read_table(public_data("nas_bench_macro/nas-bench-macro_cifar10.json"))
    counts = compare_costs(table)
    assert counts == {"networks": 1176, "equal_macs": 1176, "equal_parameters": 1176, "codes": 6561}
    assert len(ladder(table)[0]) == 72
