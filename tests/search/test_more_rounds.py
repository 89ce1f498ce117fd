from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.given_objects import GivenObjects, record_given
from scalenet_tf.run.own_parts import OwnPart, OwnParts
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.more_rounds import has_converged, with_rounds
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.space import Criteria, Subnet
from scalenet_tf.utils import files
from tests.helpers import tiny_search
from tests.helpers.tiny_search import CONFIG, SPACE, finished, new_run, result_of, score, search


def of(rounds: int) -> SearchConfig:
    return CONFIG.model_copy(update={"rounds": rounds, "restarts": 1})


def outcome(search: Mcea) -> tuple[object, ...]:
    return search.best, search.trajectory, search.archive, search.to_json(), search.progress, search.converged


@pytest.mark.parametrize("seed", range(12))
def test_a_search_with_more_rounds_is_one_that_had_them_from_the_start(seed: int) -> None:
    whole = {rounds: finished(Mcea(SearchProblem(SPACE, of(rounds), seed))) for rounds in (1, 2, 5)}
    for first, total in ((1, 2), (1, 5), (2, 5)):
        again = Mcea.from_json(SearchProblem(SPACE, of(total), seed), whole[first].to_json())
        told = whole[first].progress.completed
        assert again.progress.completed == told
        assert again.finished == (whole[total].progress.completed == told)
        assert outcome(finished(again)) == outcome(whole[total])


def test_some_of_these_searches_converge_and_others_do_not() -> None:
    converged = {
        rounds: [finished(Mcea(SearchProblem(SPACE, of(rounds), seed))).converged for seed in range(12)]
        for rounds in (1, 8)
    }
    assert not any(converged[1]) and any(converged[8])


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = new_run(tmp_path_factory.mktemp("long") / "run", config=of(5))
    search(run)
    return run


def test_a_finished_run_goes_on_to_the_files_of_a_longer_one(
    long: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(tmp_path / "run", config=of(1))
    search(run)
    known = {row["trial"] for row in Journal(run.search / "trials.jsonl").read()}
    assert result_of(run.search / "result.json") != result_of(long.search / "result.json")
    scored: list[str] = []
    monkeypatch.setattr(tiny_search, "score", lambda subnet: (scored.append(subnet.key), score(subnet))[1])
    more = with_rounds(run, 5)
    assert Run.open(run.path) == more and more.config.search.rounds == 5
    assert not (run.search / "result.json").exists()
    search(more)
    for name in ("trials.jsonl", "oracle.json"):
        assert (run.search / name).read_bytes() == (long.search / name).read_bytes()
    result = result_of(run.search / "result.json")
    assert result == result_of(long.search / "result.json")
    assert len(scored) == result["cost"]["trials"] - len(known)


def test_more_rounds_in_the_middle_of_a_search(long: Run, tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", config=of(2))
    rows = (long.search / "trials.jsonl").read_bytes().splitlines(keepends=True)[:41]
    files.write_bytes(run.search / "trials.jsonl", b"".join(rows))
    files.write_bytes(run.search / "oracle.json", (long.search / "oracle.json").read_bytes())
    search(with_rounds(run, 5))
    assert result_of(run.search / "result.json") == result_of(long.search / "result.json")


def test_a_kill_before_the_configuration_is_written_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(tmp_path / "run", config=of(1))
    before = result_of(search(run))
    with monkeypatch.context() as patch:
        patch.setattr(files, "write_text", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            with_rounds(run, 5)
    assert Run.open(run.path) == run
    assert result_of(search(run)) == before


def test_a_search_that_converged_stays_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "scalenet_tf")
    run = new_run(tmp_path / "run", config=of(20))
    path = search(run, progress=True)
    rounds = len(files.read_json(path)["trajectory"])
    assert rounds < 20 and has_converged(run)
    text = f"revisited an earlier state in round {rounds}: more rounds change nothing. Another seed or"
    assert text in caplog.text
    before = {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()}
    assert with_rounds(run, 50) is run
    assert {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()} == before


def test_fewer_rounds_are_refused(long: Run) -> None:
    with pytest.raises(
        ScaleNetError, match=r"`rounds` must be at least the 5 that .* Received: 4\. For fewer"
    ):
        with_rounds(long, 4)
    assert with_rounds(long, 5) is long


def test_a_family_of_fewer_rounds_is_never_mixed_with_a_result_of_more(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", config=of(1))
    search(run)
    (run.member(0)).mkdir(parents=True)
    files.write_json(run.family_file, {})
    aside = f"{run.path}-1-rounds"
    with pytest.raises(
        ScaleNetError,
        match=rf"family.json, members of .* 1 rounds.*: mkdir {aside} && mv {run.family_file} \S+ {aside}$",
    ):
        with_rounds(run, 5)
    assert Run.open(run.path) == run and (run.search / "result.json").is_file()


def test_a_run_in_which_another_process_searches_is_left_alone(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", config=of(1))
    search(run)
    other = Journal(run.search / "trials.jsonl")
    other.hold()
    with pytest.raises(ScaleNetError, match="one search at a time"):
        with_rounds(run, 5)
    other.close()
    assert Run.open(run.path) == run and (run.search / "result.json").is_file()


def some(subnet: Subnet, stage: int) -> bool:
    return subnet.num_blocks > 0


GIVEN = GivenObjects.of(Criteria((some,)).names, OwnParts())


def test_a_search_with_constraints_gets_more_rounds_with_the_same_ones_only(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", config=of(1))
    criteria = Criteria((some,))
    search(run, criteria=criteria)
    before = {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()}
    call = r"search_family\(run='.*/run', constraints=…, objective=…, search=\{'rounds': 5\}\)"
    for other in ({}, {"given": GIVEN.model_copy(update={"criteria": ("other",)})}):
        with pytest.raises(ScaleNetError, match=rf"test_more_rounds\.some'\]\. Received: .*{call}"):
            with_rounds(run, 5, **other)
    assert {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file()} == before
    more = with_rounds(run, 5, GIVEN)
    assert Run.open(run.path) == more and not run.search_result_file.exists()
    # The search itself, resumed without them, says first what saves it.
    with pytest.raises(ScaleNetError, match="Call search_family again with the same constraints and"):
        search(more)
    search(more, criteria=criteria)
    assert len(files.read_json(run.search_result_file)["trajectory"]) > 1


def test_a_search_without_constraints_gets_no_rounds_with_some(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", config=of(1))
    search(run)
    with pytest.raises(ScaleNetError, match=r"constraints and objective none\. Received: \['"):
        with_rounds(run, 5, GIVEN)
    assert run.search_result_file.is_file()


def test_rounds_of_a_search_that_is_to_have_constraints_need_them_too(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", config=of(1))
    record_given(run, GIVEN)
    with pytest.raises(ScaleNetError, match=r"Received: none\."):
        with_rounds(run, 5)
    assert Run.open(run.path) == run
    assert with_rounds(run, 5, GIVEN).config.search.rounds == 5


def test_rounds_with_finalists_need_the_own_loss_that_they_were_trained_with(tmp_path: Path) -> None:
    parts = OwnParts(loss=OwnPart(name="keras.Focal", digest="1"))
    run = new_run(tmp_path / "run", config=of(1).model_copy(update={"confirm": 2}))
    search(run)
    record_given(run, GivenObjects(parts=parts))
    with pytest.raises(ScaleNetError, match=r"Received: no own loss.*with the same objects in `member_train"):
        with_rounds(run, 5)
    assert run.search_result_file.is_file()
    assert with_rounds(run, 5, GivenObjects(parts=parts)).config.search.rounds == 5


def test_a_journal_of_another_configuration_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    run = new_run(tmp_path / "run", config=of(1))
    search(run)
    other = new_run(tmp_path / "other", config=of(1).model_copy(update={"population": 5}))
    for name in ("trials.jsonl", "oracle.json"):
        files.write_bytes(other.search / name, (run.search / name).read_bytes())
    with pytest.raises(ScaleNetError, match="belongs to another configuration"):
        with_rounds(other, 5)
    assert Run.open(other.path) == other
