from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.forecast.work import workload
from scalenet_tf.presets import load_space
from scalenet_tf.presets.published import BASE
from scalenet_tf.run import Run
from scalenet_tf.run.warm_start import WarmStart, check_warm_start, read_warm_start
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.warm_start import usable_start
from scalenet_tf.space import Range, Scaling, SearchSpace
from scalenet_tf.space.criteria import Criteria
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest
from tests.helpers.stored import info_of
from tests.helpers.tiny_search import CONFIG, SPACE, finished, new_run, result_of, score, search


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Run:
    # Without successive halving the archive has bases enough that fit the scalings.
    run = new_run(tmp_path_factory.mktemp("first") / "run", config=CONFIG.model_copy(update={"halving": 1}))
    search(run)
    return run


@pytest.fixture(scope="module")
def start(first: Run) -> WarmStart:
    found = read_warm_start(str(first.path))
    assert found is not None
    return found


def warm(path: Path, **changes: Any) -> Run:
    return new_run(path, seed=1, config=CONFIG.model_copy(update=changes))


def test_a_result_gives_its_base_its_scalings_and_its_archive(first: Run, start: WarmStart) -> None:
    result = result_of(first.search / "result.json")
    dumped = start.model_dump(mode="json")
    assert dumped["bases"][0] == result["base"]
    assert dumped["scalings"] == [entry["scaling"] for entry in result["scalings"]]
    archived = [entry["base"] for entry in result["archive"]]
    assert all(base in dumped["bases"] for base in archived) and len(set(start.bases)) == len(start.bases)
    assert all(base in [result["base"], *archived] for base in dumped["bases"])
    assert read_warm_start(str(first.search / "result.json")) == start
    assert WarmStart.model_validate_json(start.model_dump_json()) == start


def test_a_forecast_counts_the_search_that_begins_with_it(first: Run, start: WarmStart) -> None:
    def scores(given: WarmStart | None) -> int:
        return workload(first.config, SPACE, info_of(), given)[1].scored.count

    # The scalings of the start need no scores of their own.
    assert scores(start) < scores(None)


@pytest.mark.parametrize("seed", range(6))
def test_a_chain_is_never_worse_than_where_it_begins(start: WarmStart, seed: int) -> None:
    warm_search = finished(Mcea(SearchProblem(SPACE, CONFIG, seed, start=start)))
    given = [score(scale(SPACE, start.bases[0], scaling)) for scaling in start.scalings]
    assert warm_search.best is not None and warm_search.best.fitness >= sum(given) / len(given)
    # It begins with a generation, in which the given bases take part, half of it at most.
    assert Mcea(SearchProblem(SPACE, CONFIG, seed, start=start)).progress.phase == "base"
    opened = Mcea(SearchProblem(SPACE, CONFIG, seed, start=start))
    bases = []
    while (evaluation := opened.ask()) is not None:
        assert evaluation.scaling == start.scalings[evaluation.scaling_stage]
        bases.append(evaluation.base)
    in_order = list(dict.fromkeys(bases))
    assert in_order[0] == start.bases[0]
    assert sum(base in start.bases for base in in_order) >= 2
    assert finished(Mcea(SearchProblem(SPACE, CONFIG, seed, start=start))).to_json() == warm_search.to_json()
    assert warm_search.to_json() != finished(Mcea(SearchProblem(SPACE, CONFIG, seed))).to_json()


def test_bases_whose_scalings_do_not_fit_take_part_in_the_start(start: WarmStart) -> None:
    odd = start.model_copy(update={"scalings": (start.scalings[0], Scaling.of(1, 1, 41))})
    known = usable_start(SearchProblem(SPACE, CONFIG, 0, start=odd))
    assert known.scalings is None and len(known.bases) == len(start.bases)
    opened = Mcea(SearchProblem(SPACE, CONFIG, 0, start=odd))
    assert opened.progress.phase == "start"
    asked = []
    while (evaluation := opened.ask()) is not None:
        asked.append(evaluation.base)
    assert set(asked) & set(start.bases) and asked[0] in start.bases
    assert finished(Mcea(SearchProblem(SPACE, CONFIG, 0, start=odd))).best is not None


def test_constraints_hold_for_what_is_given(start: WarmStart) -> None:
    shortest = min(start.bases, key=lambda base: sum(map(len, base.stages)))
    most = sum(map(len, shortest.stages))
    few = Criteria(constraints=(lambda subnet, stage: stage > 0 or subnet.num_blocks <= most,))
    assert 0 < len(usable_start(SearchProblem(SPACE, CONFIG, 0, few, start)).bases) < len(start.bases)
    none = Criteria(constraints=(lambda subnet, stage: False,))
    said = r"`search.warm_start`, by its bases alone: `constraints\[0\]` .* it allows none of \d+"
    with pytest.raises(ScaleNetError, match=said):
        usable_start(SearchProblem(SPACE, CONFIG, 0, none, start))


def test_what_no_base_of_a_start_meets_is_named(start: WarmStart) -> None:
    for update, said in (
        ({"ranges": (Range(quantity="peak_memory", most=1),)}, r"`budget.ranges\[0\]` .*`most` is too low"),
        (
            {"macs": 9 * SPACE.budget.macs},
            r"none of its \d+ bases meets .* nearest one has \d[\d,]+ m",
        ),
    ):
        space = SPACE.model_copy(update={"budget": SPACE.budget.model_copy(update=update)})
        with pytest.raises(ScaleNetError, match=f"`search.warm_start`.*{said}"):
            usable_start(SearchProblem(space, CONFIG, 0, start=start))


def test_a_state_of_another_start_is_refused(start: WarmStart) -> None:
    saved = Mcea(SearchProblem(SPACE, CONFIG, 0, start=start)).to_json()
    assert Mcea.from_json(SearchProblem(SPACE, CONFIG, 0, start=start), saved).progress.completed == 0
    for other in (None, start.model_copy(update={"bases": start.bases[:1]})):
        with pytest.raises(ScaleNetError, match="with the same warm start: it was started with"):
            Mcea.from_json(SearchProblem(SPACE, CONFIG, 0, start=other), saved)


def test_the_published_family_begins_where_the_budget_lets_it() -> None:
    paper, published = load_space("paper"), read_warm_start("published")
    assert published is not None and published.bases == (BASE,)
    with pytest.raises(
        ScaleNetError, match=r"306,000,000 multiply-adds.*The nearest one has 354,933,888.*ladder.macs="
    ):
        usable_start(SearchProblem(paper, SearchConfig(), 0, start=published))
    near = paper.model_copy(update={"budget": paper.budget.model_copy(update={"macs": 355_000_000})})
    search = Mcea(SearchProblem(near, SearchConfig(), 0, start=published))
    evaluation = search.ask()
    assert evaluation is not None and evaluation.base == BASE and search.progress.phase == "start"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("small", r"bases of space 'small': `base` must have \d stages in space 'small'. Received: 7"),
        ("shallow", r"stage 2 of `base` must have 1 to 3 blocks. Received: 4"),
        ("fewer ops", r"stage 1 of `base` allows the ops \['k3e6s'\]. Received: 'k5e6s'"),
    ],
)
def test_what_does_not_fit_a_space_is_named(name: str, text: str) -> None:
    space = load_space("small" if name == "small" else "paper")
    stages = list(space.stages)
    if name == "shallow":
        stages[2] = stages[2].model_copy(update={"depth": (1, 3)})
    if name == "fewer ops":
        stages[1] = stages[1].model_copy(update={"ops": stages[1].ops[:1]})
    with pytest.raises(ScaleNetError, match=rf"`search.warm_start` must hold .*{text}"):
        check_warm_start(space.model_copy(update={"stages": tuple(stages)}), read_warm_start("published"))


def test_a_run_keeps_its_start_and_the_path_decides_nothing(first: Run, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(first.path, moved)
    there, here = (
        warm(tmp_path / "a", warm_start=str(first.path)),
        warm(tmp_path / "b", warm_start=str(moved)),
    )
    assert there.warm_start() == here.warm_start() == read_warm_start(str(moved))
    search(there)
    search(here)
    results = [result_of(run.search / "result.json") for run in (there, here)]
    assert results[0] == results[1]
    origin = results[0]["provenance"]
    assert origin["config"]["search"]["warm_start"] == "custom"
    assert origin["digests"]["warm_start"] == json_digest(files.read_json(there.path / "warm_start.json"))
    # What the run began with is its own: the earlier one may go, or go on.
    config = here.config
    shutil.rmtree(moved)
    assert Run.open_or_create(here.path, config) == here and here.warm_start() == there.warm_start()


def test_another_start_is_another_run(first: Run, tmp_path: Path) -> None:
    run = warm(tmp_path / "run", warm_start=str(first.path))
    search(run)
    cold = run.config.model_copy(update={"search": run.config.search.model_copy(update={"warm_start": None})})
    with pytest.raises(ScaleNetError, match=r"it differs in: search.warm_start\)"):
        Run.open_or_create(run.path, cold)
    other = new_run(tmp_path / "other", seed=1)
    for name in ("trials.jsonl", "oracle.json"):
        files.write_bytes(other.search / name, (run.search / name).read_bytes())
    with pytest.raises(ScaleNetError, match="belongs to another warm start"):
        search(other)


def test_a_start_is_found_before_anything_is_written(
    first: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        ScaleNetError, match=r"must be 'published', the directory .*Did you mean 'published'\?"
    ):
        warm(tmp_path / "run", warm_start="publishd")
    files.write_json(tmp_path / "no.json", {"base": 1})
    with pytest.raises(ScaleNetError, match=r"no.json' is damaged .* no `schema` 1. Give the search/result"):
        warm(tmp_path / "run", warm_start=str(tmp_path / "no.json"))
    with pytest.raises(ScaleNetError, match=r"must hold bases of space 'tiny'"):
        warm(tmp_path / "run", warm_start="published")
    assert not (tmp_path / "run").exists()
    monkeypatch.chdir(first.path.parent)
    assert warm(tmp_path / "run", warm_start="run").config.search.warm_start == str(first.path)


def test_a_begun_run_without_work_forgets_an_earlier_start(first: Run, tmp_path: Path) -> None:
    run = warm(tmp_path / "run", warm_start=str(first.path))
    run.data_file.unlink()
    cold: SearchSpace | Any = run.config.model_copy(update={"search": CONFIG})
    again = Run.open_or_create(run.path, cold)
    assert again.warm_start() is None and not (run.path / "warm_start.json").exists()
