"""A latency table in a run: from the configuration to the search's result, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.checks import check_run
from scalenet_tf.config import RunConfig, load_config
from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.provenance import provenance
from scalenet_tf.run.requested_space import requested_space
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.result import describe
from scalenet_tf.space.latency_table import LatencyTable, read_table, write_table
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest
from tests.helpers.made_up import made_up_table

SMALL = load_space("small")
TABLE = made_up_table(SMALL)
BOUND = "ladder.ranges=[{quantity: latency_ms, stage: 1, most: 1.3}]"  # half of what S1 reaches


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_table(tmp_path / "latency.json", TABLE, {})


def config(file: Path, *more: str) -> RunConfig:
    return load_config("smoke", [f"ladder.latency_table={file}", *more])


def test_a_run_keeps_the_tables_content_and_names_no_path(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = config(Path("latency.json"), BOUND)
    run = Run.open_or_create(tmp_path / "run", asked)
    assert run.config.ladder.latency_table == str(file)
    assert run.space().budget.latency == TABLE
    stated = provenance(run)
    assert stated.digests["latency"] == json_digest(TABLE.model_dump(mode="json"))
    assert stated.config["ladder"]["latency_table"] == "custom"
    run.supernet.mkdir()
    moved = file.rename(tmp_path / "moved.json")
    # Another path of the same content is the same run; a path that is gone is not looked for.
    assert Run.open_or_create(run.path, config(moved, BOUND)).space() == run.space()
    assert Run.open_or_create(run.path, asked).space() == run.space()
    values = SMALL.model_dump(mode="json")
    fewer = files.write_json(tmp_path / "fewer.json", {**values, "menus": values["menus"][:3]})
    other = load_config("smoke", [f"ladder.latency_table={file}", BOUND, f"space={fewer}"])
    with pytest.raises(ScaleNetError, match=r"differs in: space"):
        Run.open_or_create(run.path, other)
    blocks = {**TABLE.blocks, next(iter(TABLE.blocks)): 9.0}
    write_table(file, TABLE.model_copy(update={"blocks": blocks}), {})
    with pytest.raises(ScaleNetError, match=r"another configuration \(it differs in: space\)"):
        Run.open_or_create(run.path, asked)
    with pytest.raises(ScaleNetError, match=r"differs in: ladder"):
        Run.open_or_create(run.path, config(moved))


def test_a_search_keeps_to_latencies_and_tells_them(file: Path) -> None:
    asked = config(file, BOUND, "ladder.stages=2", "search.rounds=2")
    space = requested_space(asked)
    check_run(asked, space, train_images=8000)
    search, seen = Mcea(SearchProblem(space, asked.search, seed=0)), []
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        seen.append((evaluation.scaling_stage, predict_ms(TABLE, evaluation.subnet)))
        search.tell(evaluation.number, int(evaluation.subnet.key, 16) / 2**64)
    assert max(ms for stage, ms in seen if stage == 1) <= 1.3
    space_free, free = requested_space(config(file, "ladder.stages=2")), []
    search_free = Mcea(SearchProblem(space_free, asked.search, seed=0))
    while (evaluation := search_free.ask()) is not None:
        free.append(evaluation)
    assert max(predict_ms(TABLE, one.subnet) for one in free if one.scaling_stage == 1) > 1.3
    result = describe(space, search, 1, [])
    pairs = [(result.base, entry) for entry in result.scalings]
    for base, entry in (*pairs, *((entry.base, entry) for entry in result.archive)):
        subnet = scale(space, base, entry.scaling)
        assert entry.latency_ms == pytest.approx(predict_ms(TABLE, subnet), abs=1e-6)


def test_a_range_without_a_table_says_how_to_measure_one() -> None:
    with pytest.raises(ScaleNetError, match=r"needs a latency table.*scalenet profile blocks.*--set ladder"):
        requested_space(load_config("smoke", [BOUND]))


def test_a_table_of_another_device_is_taken_where_it_is_said(file: Path, tmp_path: Path) -> None:
    device = TABLE.device.model_copy(update={"cpu": "Abacus"})
    write_table(file, TABLE.model_copy(update={"device": device}), {})
    with pytest.raises(ScaleNetError, match=r"another processor: 'Abacus'"):
        Run.open_or_create(tmp_path / "run", config(file))
    assert not (tmp_path / "run").exists()
    run = Run.open_or_create(tmp_path / "run", config(file, "ladder.latency_device=other"))
    table = run.space().budget.latency
    assert table is not None and table.device.cpu == "Abacus"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"activation": "silu"}, r"must have the `activation` of space 'small', 'relu'. Received: 'silu'"),
        ({"squeeze_reduction": 8}, r"must have the `squeeze_reduction` of space 'small', 4. Received: 8"),
    ],
)
def test_a_table_of_other_blocks_is_refused(file: Path, change: dict[str, object], message: str) -> None:
    write_table(file, TABLE.model_copy(update=change), {})
    with pytest.raises(ScaleNetError, match=message):
        requested_space(config(file))


def test_a_table_that_lacks_blocks_is_refused_before_anything_is_trained(file: Path) -> None:
    first = {name: TABLE.blocks[name] for name in made_up_table(_first_stages(2)).blocks}
    write_table(file, TABLE.model_copy(update={"blocks": first}), {})
    assert isinstance(read_table(file), LatencyTable) and files.read_json(file)["blocks"]
    asked = config(file)
    with pytest.raises(ScaleNetError, match=r"lacks \d+ blocks that space 'small' can place"):
        check_run(asked, requested_space(asked), train_images=8000)
    two = config(file, "ladder.stages=2", "scale.extra_stages=0")
    check_run(two, requested_space(two), train_images=8000)


def _first_stages(count: int):  # type: ignore[no-untyped-def]
    return SMALL.model_copy(update={"menus": SMALL.menus[:count]})
