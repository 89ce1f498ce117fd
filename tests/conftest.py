"""Settings of the whole suite, and runs that several packages' tests look at."""

from __future__ import annotations

import errno
import gc
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from scalenet_tf.config import load_config
from scalenet_tf.extrapolation.step import write_family
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format
from scalenet_tf.run.provenance import provenance
from scalenet_tf.run.search_result import SearchEnvironment, SearchResult
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.result import describe
from scalenet_tf.utils import files
from scalenet_tf.utils.tf_setup import prepare_process
from scalenet_tf.utils.value_file import write_value
from tests.helpers.made_once import made_once
from tests.helpers.made_up import made_up_accuracy
from tests.helpers.made_up_results import write_made_up_results
from tests.helpers.networks import TINY_SPACE, TINY_SUBNET
from tests.helpers.optimisation import UNOPTIMISED
from tests.helpers.stored import info_of, member_of, write_members

# Processes that tests start find the helpers of the tests too.
ROOT = Path(__file__).resolve().parents[1]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
# pytest loads readline, which gives processes a COLUMNS that os.environ does not show; tables would obey it.
os.unsetenv("COLUMNS")
# Before any test module imports TensorFlow.
prepare_process()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Traced graphs are millions of objects that stay: collecting garbage among them took a tenth of the time.
gc.set_threshold(100_000)

# Two shared cores make wall time a poor judge; the examples are the same in every run.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("suite")


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Takes back what a test set up for the log lines, as the command line does in its process."""
    loggers = [logging.getLogger(name) for name in ("scalenet_tf", "components", "tensorflow")]
    before = [(logger.level, list(logger.handlers), logger.propagate) for logger in loggers]
    yield
    for logger, (level, handlers, propagate) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.propagate = propagate


@pytest.fixture(autouse=True)
def graph_optimisation(request: pytest.FixtureRequest) -> None:
    """Leaves graphs as they are traced in all tests but the slow ones; see tests/helpers/unoptimised.py."""
    if "tensorflow" in sys.modules:
        from tests.helpers.unoptimised import optimise_graphs

        optimise_graphs(request.node.get_closest_marker("slow") is not None)


@pytest.fixture(autouse=True)
def bundled_images_are_read_once() -> None:
    """Keeps the arrays of the bundled file for all tests of a process: inflating them takes half a second."""
    if "scalenet_tf.data.sources.bundled" in sys.modules:
        from tests.helpers.bundled_arrays import read_once

        read_once()


@pytest.fixture
def no_folder_renames(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Renames as a bucket does that is mounted as a folder: of files alone. Holds their names, in order."""
    real, renamed = os.replace, []

    def replace(source: str | Path, target: str | Path) -> None:
        if os.path.isdir(source):
            raise OSError(errno.EMFILE, "Too many open files")
        real(source, target)
        renamed.append(Path(target).name)

    monkeypatch.setattr("os.replace", replace)
    return renamed


@pytest.fixture(scope="session")
def searched_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose search is done, on made-up accuracies; read it only, or copy it: see `searched_run`."""
    folder = tmp_path_factory.mktemp("searched")
    space_file = files.write_text(folder / "tiny.yaml", TINY_SPACE)
    config = load_config("smoke", [f"space={space_file}", "search.rounds=3", "search.population=8"])
    run = Run.open_or_create(folder / "run", config)
    space = load_space(str(space_file))
    search = Mcea(SearchProblem(space, config.search, config.seed))
    rows = []
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        score = made_up_accuracy(evaluation.subnet)
        search.tell(evaluation.number, score)
        rows += [
            {"trial": evaluation.number, "values": {}, "macs": evaluation.macs},
            {"trial": evaluation.number, "score": score},
        ]
    result = SearchResult(
        **dict(describe(space, search, 164, rows)),
        provenance=provenance(run),
        environment=SearchEnvironment.now(1.5, replayed_trials=0),
    )
    write_value(run.search_result_file, result)
    write_value(run.data_file, info_of())
    return run.path


@pytest.fixture
def searched_run(searched_files: Path, tmp_path: Path) -> Run:
    """A copy of the searched run that a test may change."""
    return Run.open(shutil.copytree(searched_files, tmp_path / "searched"))


@pytest.fixture(scope="session")
def family_files(searched_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The searched run with its family; see `family_run`."""
    run = Run.open(shutil.copytree(searched_files, tmp_path_factory.mktemp("family") / "run"))
    write_family(run)
    return run.path


@pytest.fixture(scope="session")
def finished_files(family_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run with its family and made-up results; see `finished_run`."""
    run = Run.open(shutil.copytree(family_files, tmp_path_factory.mktemp("finished") / "run"))
    write_made_up_results(run)
    return run.path


@pytest.fixture
def family_run(family_files: Path, tmp_path: Path) -> Run:
    """A run whose family is settled: S0 to S2 searched, S3 extrapolated."""
    return Run.open(shutil.copytree(family_files, tmp_path / "family"))


@pytest.fixture
def finished_run(finished_files: Path, tmp_path: Path) -> Run:
    """A run with the logs and results of training that a report shows; the SavedModels are empty files."""
    return Run.open(shutil.copytree(finished_files, tmp_path / "finished"))


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The histogram of sampling, which takes a second in each page, shows 60 draws in place of 3,000."""
    monkeypatch.setattr("scalenet_tf.report.sections.DRAWS", 60)


@pytest.fixture(scope="session")
def scratch_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the bundled images whose one member, s0, is to be trained from scratch; see `scratch_run`."""
    short = ["members.scratch_epochs=3", "members.batch_size=400", "members.scratch_learning_rate=0.2"]
    config = load_config("smoke", [*short, "members.epoch_images=null"])
    run = Run.open_or_create(tmp_path_factory.mktemp("scratch") / "run", config)
    write_members(run, member_of(TINY_SUBNET))
    return run.path


@pytest.fixture(scope="session")
def retrain_command() -> tuple[str, ...]:
    """Trains the members of the run whose path follows; operations are deterministic in that process."""
    code = "import sys, scalenet_tf as sn, scalenet_tf.steps; sn.steps.retrain(sn.Run.open(sys.argv[1]))"
    return (sys.executable, "-c", UNOPTIMISED + code)


@pytest.fixture(scope="session")
def trained_files(
    retrain_command: tuple[str, ...], scratch_files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The scratch run with its member trained; see `trained_run`."""

    def make(path: Path) -> None:
        shutil.copytree(scratch_files, path)
        subprocess.run([*retrain_command, str(path)], check=True, timeout=300)

    return made_once(tmp_path_factory, "trained", make)


@pytest.fixture(scope="session")
def exported_files(trained_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained run with its member exported; see `exported_run`."""
    from scalenet_tf.export import export_member

    def make(path: Path) -> None:
        shutil.copytree(trained_files, path)
        export_member(Run.open(path), 0)

    return made_once(tmp_path_factory, "exported", make)


@pytest.fixture(scope="session")
def all_forms_files(exported_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained run with its member exported in every form; see `all_forms_run`."""
    from scalenet_tf.export import export_member

    def make(path: Path) -> None:
        run = Run.open(shutil.copytree(exported_files, path))
        for form in Format:
            export_member(run, 0, form)

    return made_once(tmp_path_factory, "all forms", make)


@pytest.fixture
def scratch_run(scratch_files: Path, tmp_path: Path) -> Run:
    """A copy that a test may change, as the next three are."""
    return Run.open(shutil.copytree(scratch_files, tmp_path / "scratch"))


@pytest.fixture
def trained_run(trained_files: Path, tmp_path: Path) -> Run:
    return Run.open(shutil.copytree(trained_files, tmp_path / "trained"))


@pytest.fixture
def exported_run(exported_files: Path, tmp_path: Path) -> Run:
    return Run.open(shutil.copytree(exported_files, tmp_path / "exported"))


@pytest.fixture
def all_forms_run(all_forms_files: Path, tmp_path: Path) -> Run:
    return Run.open(shutil.copytree(all_forms_files, tmp_path / "all forms"))


@pytest.fixture
def eager() -> Iterator[None]:
    """TensorFlow traces no functions in the test."""
    from tests.helpers.eagerly import eagerly

    with eagerly():
        yield


@pytest.fixture
def float64() -> Iterator[None]:
    """Layers made in the test compute in float64."""
    import keras

    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
