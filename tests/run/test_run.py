from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scalenet_tf.cli.options import open_run
from scalenet_tf.config import RunConfig, load_config
from scalenet_tf.distribute.cluster import Cluster
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import write_value
from tests.helpers.networks import TINY_SPACE
from tests.helpers.stored import info_of


def working(run: Run) -> Run:
    """As if its first step had begun."""
    run.supernet.mkdir()
    return run


def test_a_run_is_begun_once_and_opened_again(tmp_path: Path) -> None:
    config = RunConfig(seed=3)
    run = working(Run.open_or_create(tmp_path / "runs" / "first run", config))
    assert Run.open(run.path) == Run.open_or_create(run.path, config) == run
    assert run.config.seed == 3


def test_a_run_is_never_begun_over_another_one(tmp_path: Path) -> None:
    working(Run.open_or_create(tmp_path, RunConfig()))
    with pytest.raises(ScaleNetError, match=r"another configuration \(it differs in: seed, space\).*--run"):
        Run.open_or_create(tmp_path, RunConfig(seed=1, space="paper"))
    assert Run.open(tmp_path).config == RunConfig()


def test_a_run_that_holds_no_work_may_be_begun_otherwise(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path, RunConfig(seed=0))
    write_value(run.data_file, info_of(channels=3, classes=7))
    assert run.space().classes == 7
    other = Run.open_or_create(tmp_path, RunConfig(seed=1, space="paper"))
    assert Run.open(tmp_path) == other and other.config.seed == 1
    assert other.space().name == "paper" and not other.data_file.exists()


def test_a_tpu_decides_nothing_and_the_newest_one_stays(tmp_path: Path) -> None:
    working(Run.open_or_create(tmp_path, RunConfig(tpu="first", strategy="tpu", seed=9)))
    config = RunConfig(tpu="second", strategy="tpu", seed=9)
    assert Run.open_or_create(tmp_path, config).config.tpu == "second"
    # Processes that open the run find it too; nothing else in the file has changed.
    begun = Run.open(tmp_path).config
    assert (begun.tpu, begun.seed) == ("second", 9)
    assert Run.open_or_create(tmp_path, RunConfig(strategy="tpu", seed=9)).config.tpu == "second"
    with pytest.raises(ScaleNetError, match=r"it differs in: strategy\)"):
        Run.open_or_create(tmp_path, RunConfig(tpu="third", seed=9))
    assert Run.open(tmp_path).config.tpu == "second"


def with_images(folder: Path, **changes: object) -> RunConfig:
    folder.mkdir(exist_ok=True)
    return RunConfig.model_validate({"data": {"source": f"folder:{folder}"} | changes})


def test_the_place_of_the_images_decides_nothing_and_the_newest_one_stays(tmp_path: Path) -> None:
    run = working(Run.open_or_create(tmp_path / "run", with_images(tmp_path / "here")))
    moved = with_images(tmp_path / "there", skip_corrupt=True)
    assert Run.join(run.path, moved, patience=0).config.data == moved.data  # before the chief has stored it
    assert Run.open(run.path).config.data.source.endswith("/here")
    assert Run.open_or_create(run.path, moved).config.data == moved.data
    assert Run.open(run.path).config == moved
    # What the run leaves out stays out without another word of it.
    assert Run.open_or_create(run.path, with_images(tmp_path / "there")).config.data.skip_corrupt
    for other in (with_images(tmp_path / "there", image_size=9), RunConfig(data={"source": "tfds:mnist"})):
        with pytest.raises(ScaleNetError, match=r"it differs in: data.(image_size|source)\)"):
            Run.open_or_create(run.path, other)
    with pytest.raises(ScaleNetError, match=r"must be a folder\. Received: '.*/gone'"):
        Run.open_or_create(run.path, RunConfig(data={"source": f"folder:{tmp_path / 'gone'}"}))
    assert Run.open(run.path).config == moved


def test_how_a_step_works_decides_nothing_and_the_newest_choice_stays(tmp_path: Path) -> None:
    run = working(Run.open_or_create(tmp_path / "run", load_config("smoke")))
    work = ["members.jobs=2", "supernet.checkpoint_minutes=1"]
    wanted = load_config("smoke", work)
    assert Run.join(run.path, wanted, patience=0).config == wanted  # before the chief has stored it
    assert Run.open_or_create(run.path, wanted).config == Run.open(run.path).config == wanted
    keys = "data.augmentation.shift, data.cache_gigabytes, members.epochs, scale.extra_stages, supernet.steps"
    others = ["data.augmentation.shift=0.3", "data.cache_gigabytes=0", "members.epochs=2", "supernet.steps=9"]
    others.append("scale.extra_stages=5")
    with pytest.raises(ScaleNetError, match=rf"it differs in: {keys}\)"):
        Run.open_or_create(run.path, load_config("smoke", others))


def test_a_run_is_never_begun_over_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("dear reader")
    with pytest.raises(ScaleNetError, match=r"holds other files. Give an empty or new directory"):
        Run.open_or_create(tmp_path, RunConfig())


def test_a_wrong_key_in_the_file_of_a_run_is_told_with_the_file(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "run", RunConfig())
    files.write_text(run.config_file, "trial: 3\n")
    with pytest.raises(ScaleNetError, match=r"config\.yaml' is not valid: unknown key `trial`"):
        Run.open(run.path)


def test_what_a_kill_left_of_the_beginning_is_no_obstacle(tmp_path: Path) -> None:
    # Process 2^22 and above do not exist.
    files.temporary_name(tmp_path / "config.yaml", 99999999).write_text("seed: ")
    files.temporary_name(tmp_path / "space.json", 99999999).write_text("{")
    (tmp_path / "space.json").write_text("{}")
    run = Run.open_or_create(tmp_path, RunConfig())
    assert sorted(file.name for file in run.path.iterdir()) == [
        ".locks",
        "config.yaml",
        "space.json",
    ]
    assert run.space().name == "small"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"space": "medum"}, r"`space` must be one of .*medum.*Did you mean 'medium'\?"),
        ({"data": {"source": "fodler:x"}}, r"`data.source` must be bundled.*Did you mean 'folder'\?"),
        ({"data": {"source": "folder:nowhere"}}, r"`data.source` folder:PATH must be a folder.*nowhere'"),
    ],
)
def test_nothing_is_begun_with_a_space_or_source_that_is_none(
    values: dict[str, object], text: str, tmp_path: Path
) -> None:
    with pytest.raises(ScaleNetError, match=text):
        Run.open_or_create(tmp_path / "run", RunConfig.model_validate(values))
    assert not (tmp_path / "run").exists()


def test_no_run(tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"must be the directory of a run.*Start one with: scalenet"):
        Run.open(tmp_path)


def test_a_file_is_no_run(tmp_path: Path) -> None:
    file = files.write_text(tmp_path / "notes.txt", "")
    with pytest.raises(
        ScaleNetError, match=r"`run` must be a directory\. Received: .*notes.txt', which is a"
    ):
        Run.open_or_create(file, RunConfig())
    with pytest.raises(ScaleNetError, match=r"`run` must be the directory of a run"):
        Run.open(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: [", r"config.yaml' is not YAML"),
        ("sead: 1", r"unknown key `sead`.*Did you mean 'seed'\?"),
        ("search: {rounds: many}", r"`search.rounds`: .*Received: 'many'"),
    ],
)
def test_an_edited_configuration_is_an_error_that_says_where(text: str, message: str, tmp_path: Path) -> None:
    Run.open_or_create(tmp_path, RunConfig())
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(ScaleNetError, match=message):
        Run.open(tmp_path)


def test_a_run_keeps_its_space_when_the_file_is_edited_or_gone(tmp_path: Path) -> None:
    file = files.write_text(tmp_path / "tiny.yaml", TINY_SPACE)
    config = RunConfig(space=str(file))
    run = working(Run.open_or_create(tmp_path / "run", config))
    own = run.space()
    file.write_text(TINY_SPACE.replace("head_width: 32", "head_width: 40"))
    assert Run.open(run.path).space() == own
    with pytest.raises(ScaleNetError, match=r"another configuration \(it differs in: space\)"):
        Run.open_or_create(run.path, config)
    file.rename(tmp_path / "moved.yaml")
    assert Run.open_or_create(run.path, config).space() == own
    (tmp_path / "moved.yaml").write_text(TINY_SPACE)
    assert Run.open_or_create(run.path, RunConfig(space=str(tmp_path / "moved.yaml"))).space() == own


def test_paths_of_a_run_do_not_depend_on_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos").mkdir()
    files.write_text(tmp_path / "tiny.yaml", TINY_SPACE)
    config = load_config("smoke", ["data.source=folder:photos", "space=tiny.yaml"])
    monkeypatch.chdir(tmp_path)
    run = working(Run.open_or_create("run", config))
    assert Run.open_or_create("run", config) == run
    monkeypatch.chdir("/")
    assert Run.open(tmp_path / "run").config.data.source == f"folder:{tmp_path / 'photos'}"


def test_commands_are_quoted_for_a_shell(tmp_path: Path) -> None:
    run = Run(Path("my runs/a"), RunConfig())
    assert run.command("train") == "scalenet train --run 'my runs/a'"
    assert run.command("export", 0, 2) == "scalenet export --run 'my runs/a' --stage 0 --stage 2"
    with pytest.raises(ScaleNetError, match=re.escape("with: scalenet scale --run 'my runs/a'")):
        run.family()


def test_paths_lie_in_the_run(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "run", RunConfig())
    paths = {run.supernet, run.search, run.family_file, run.member(0), run.member(1), run.report_file}
    paths |= {run.space_file, run.data_file}
    assert len(paths) == 8 and all(path.is_relative_to(run.path) for path in paths)


def test_a_worker_joins_the_run_that_the_chief_begins(tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"waited 0 s .* found no run\. Start the chief"):
        Run.join(tmp_path, RunConfig(), patience=0)
    run = Run.open_or_create(tmp_path, RunConfig())
    before = sorted(tmp_path.iterdir())
    assert Run.join(tmp_path, RunConfig()) == Run.join(tmp_path) == run
    with pytest.raises(ScaleNetError, match="found a run that differs in seed"):
        Run.join(tmp_path, RunConfig(seed=1), patience=0)
    assert sorted(tmp_path.iterdir()) == before


def begin_after(seconds: float, act: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


@pytest.mark.parametrize("state", ["no config.yaml", "no space.json", "half a config.yaml"])
def test_a_worker_waits_while_the_chief_begins_the_run_anew(state: str, tmp_path: Path) -> None:
    Run.open_or_create(tmp_path, RunConfig())
    if state == "half a config.yaml":
        (tmp_path / "config.yaml").write_text("seed: [")
    else:
        (tmp_path / state.split()[1]).unlink()
    wanted = RunConfig(seed=1)

    def begin() -> None:
        (tmp_path / "config.yaml").unlink(missing_ok=True)
        Run.open_or_create(tmp_path, wanted)

    chief = begin_after(0.5, begin)
    assert Run.join(tmp_path, wanted, patience=30).config.seed == 1
    chief.join()


def test_a_worker_says_at_the_end_why_the_run_cannot_be_opened(tmp_path: Path) -> None:
    Run.open_or_create(tmp_path, RunConfig())
    (tmp_path / "space.json").unlink()
    with pytest.raises(
        ScaleNetError, match=r"waited 0 s .*found a run that cannot be opened \(`space` must be"
    ):
        Run.join(tmp_path, RunConfig(), patience=0)


def test_a_worker_does_not_wait_for_a_run_that_can_never_match(tmp_path: Path) -> None:
    working(Run.open_or_create(tmp_path, RunConfig()))
    begun = time.monotonic()
    with pytest.raises(ScaleNetError, match=r"created with another configuration \(it differs in: seed\)"):
        Run.join(tmp_path, RunConfig(seed=1), patience=60)
    (tmp_path / "config.yaml").write_text("seed: [")
    with pytest.raises(ScaleNetError, match=r"config.yaml' is not YAML"):
        Run.join(tmp_path, RunConfig(), patience=60)
    assert time.monotonic() - begun < 30


def test_a_worker_with_overrides_waits_for_the_chief_to_begin_the_run_with_them(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path, RunConfig())
    chief = begin_after(0.5, lambda: Run.open_or_create(tmp_path, RunConfig(seed=4)))
    worker = Cluster(("a:1", "b:1"), 1)
    assert open_run(tmp_path, None, ["seed=4"], worker).config == run.config.model_copy(update={"seed": 4})
    chief.join()
