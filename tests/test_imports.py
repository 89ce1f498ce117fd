"""The rules of import, checked in the source and in fresh processes."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

import scalenet_tf

ROOT = Path(scalenet_tf.__file__).resolve().parent.parent
HEAVY = {
    "tensorflow",
    "keras",
    "keras_tuner",
    "tensorflow_datasets",
    "tf_keras",
    "tensorflow_model_optimization",
    "ai_edge_litert",
}
ABSENT = f"import sys; found = {HEAVY!r} & set(sys.modules); assert not found, found"


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT)


LIGHT = [
    "scalenet_tf",
    "scalenet_tf.space",
    "scalenet_tf.costs.macs",
    "scalenet_tf.costs.latency",
    "scalenet_tf.sampling.feasible",
    "scalenet_tf.config",
    "scalenet_tf.presets",
    "scalenet_tf.run.provenance",
    "scalenet_tf.run.exports",
    "scalenet_tf.run.listing",
    "scalenet_tf.extrapolation.step",
    "scalenet_tf.steps",
    "scalenet_tf.search.mcea",
    "scalenet_tf.compress",
    "scalenet_tf.report",
    "scalenet_tf.tracking.events",
    "scalenet_tf.members.member_training",
    "scalenet_tf.api.job",
    "scalenet_tf.api.trained_family",
    "scalenet_tf.serving.manifests",
    "scalenet_tf.profiling.members",
    "scalenet_tf.profiling.child",
    "scalenet_tf.cli.main",
    "scalenet_tf.cli.tables",
]
EXECUTORS = [f"components.{name}.executor" for name in ("pusher", "scaling_extrapolator", "report_gen")]
EXECUTORS += ["components.evaluator.executor"]

# Imports each module in a fork of a process that has imported what others wrote, and nothing of ours.
EACH = """
import importlib, os, sys
import numpy, pydantic.main, rich.table, typer, yaml
for module in sys.argv[1:]:
    child = os.fork()
    if not child:
        importlib.import_module(module)
        names = {name.partition(".")[0] for name in sys.modules}
        print(module, *sorted(names), sep=",", flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """The packages in each module's process after its import."""
    result = run_python(EACH, *LIGHT, *EXECUTORS)
    assert result.returncode == 0 and not result.stderr, result.stderr
    rows = [line.split(",") for line in result.stdout.splitlines()]
    return {module: set(names) for module, *names in rows}


@pytest.mark.parametrize("module", LIGHT)
def test_import_loads_nothing_heavy(module: str, loaded: dict[str, set[str]]) -> None:
    assert "scalenet_tf" in loaded[module] and not loaded[module] & HEAVY


def test_every_public_name_can_be_had_and_only_those() -> None:
    assert {name: getattr(scalenet_tf, name) for name in scalenet_tf.__all__}
    assert dir(scalenet_tf) == sorted(scalenet_tf.__all__)
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        _ = scalenet_tf.no_such_name


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['scalenet', '--help']; from scalenet_tf.cli.main import main\n"
        f"try: main()\nexcept SystemExit as exit: assert exit.code == 0\n{ABSENT}\nprint(len(sys.modules))"
    )
    result = run_python(code)
    assert result.returncode == 0, result.stderr
    text, _, count = result.stdout.rstrip().rpartition("\n")
    assert "retrain" in text
    # Loading modules is what takes the time: 432 of them, and NumPy alone would add over a hundred. The time
    # itself also depends on the machine and on its other work.
    assert int(count) < 550


@functools.cache
def imports(file: Path) -> tuple[str, ...]:
    """What a file imports, anywhere in it; kept, as most files are asked for by several tests."""
    names: list[str] = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += (f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(names)


def sources(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    assert found
    return found


def test_the_library_imports_no_pipeline() -> None:
    for file in sources("scalenet_tf"):
        tops = {name.split(".")[0] for name in imports(file)}
        # The command `scalenet pipelines` imports them when it is called, see below.
        allowed = {"pipelines"} if file == ROOT / "scalenet_tf/cli/pipelines.py" else set()
        assert tops & {"kfp", "components", "pipelines"} <= allowed, file


def test_only_interfaces_import_kfp_and_nothing_imports_pipelines() -> None:
    for file in sources("components"):
        tops = {name.split(".")[0] for name in imports(file)}
        assert "pipelines" not in tops, file
        assert "kfp" not in tops or file.name in ("component.py", "base.py"), file
        if file.name == "__init__.py":
            assert not tops, file


def test_a_component_imports_only_itself_and_what_all_share() -> None:
    """Executors take the types of artifacts from `components.common`, never from each other."""
    checked = 0
    for file in sources("components"):
        own = file.relative_to(ROOT / "components").parts[0]
        theirs = {name.split(".")[1] for name in imports(file) if name.startswith("components.")}
        assert theirs <= {"common", own}, (file, theirs)
        checked += len(theirs)
    assert checked > 30


@pytest.mark.parametrize("module", EXECUTORS)
def test_gates_and_quick_executors_load_nothing_heavy_at_import(
    module: str, loaded: dict[str, set[str]]
) -> None:
    assert "components" in loaded[module] and not loaded[module] & {*HEAVY, "kfp"}


def test_the_other_keras_stays_in_compress_and_its_optimizer_where_a_process_of_its_own_loads_it() -> None:
    for file in sources("scalenet_tf"):
        tops = {name.split(".")[0] for name in imports(file)}
        assert file.parent.name == "compress" or "tf_keras" not in tops, file
        own = file.parent.name == "compress" and file.stem in ("qat", "sparse")
        assert own or "tensorflow_model_optimization" not in tops, file
    # Whoever imports those two modules is such a process.
    users = {
        file.stem
        for file in sources("scalenet_tf")
        for name in imports(file)
        if name.startswith(("scalenet_tf.compress.qat", "scalenet_tf.compress.sparse"))
    }
    assert users == {"methods"}


def test_the_oracle_sees_no_model() -> None:
    models = ("models", "layers", "training", "members")
    seen = set(imports(ROOT / "scalenet_tf/search/oracle.py"))
    assert not {name for name in seen if name.startswith(tuple(f"scalenet_tf.{model}" for model in models))}


def test_only_one_module_imports_what_keras_tuner_does_not_document() -> None:
    users = {
        file.relative_to(ROOT).as_posix()
        for package in ("scalenet_tf", "components", "pipelines", "benchmarks", "studies", "tests")
        for file in sources(package)
        if any(name.startswith(("keras_tuner.src", "keras_tuner.engine")) for name in imports(file))
    }
    assert users == {"scalenet_tf/search/keras_tuner_compat.py"}


def test_serving_needs_no_model_code() -> None:
    for file in sources("scalenet_tf/serving"):
        names = set(imports(file))
        assert not {name for name in names if name.split(".")[0] in ("keras", "tf_keras")}, file
        ours = {package_of(name) for name in names if name.startswith("scalenet_tf.")}
        assert ours <= {"serving", "data", "run", "utils", "errors"}, file


# From the ground up: a package imports only those before it.
ORDER = (
    *("errors", "utils", "space", "costs", "config", "distribute", "layers", "models", "sampling", "presets"),
    *("run", "data", "profiling", "extrapolation", "training", "search", "tracking", "members"),
    *("serving", "compress", "export", "report", "checks", "forecast", "steps", "job", "api", "cli"),
)
PURE = ("space", "costs", "sampling", "config", "run", "extrapolation")
# The search itself, apart from Keras Tuner and the super-supernet.
PURE_SEARCH = (
    *("problem", "identity", "values", "operators", "pareto_archive", "evolution", "halving", "candidates"),
    *("chain", "mcea", "time_left", "result", "more_rounds", "warm_start", "journal", "distributed/role"),
)


def package_of(module: str) -> str:
    """The package of a module in this project, such as "space" of "scalenet_tf.space.op"."""
    return module.split(".")[1]


def imported_packages(package: str) -> set[str]:
    """The packages that another one imports from, within functions too."""
    root = ROOT / "scalenet_tf"
    files = sources(f"scalenet_tf/{package}") if (root / package).is_dir() else [root / f"{package}.py"]
    names = {name for file in files for name in imports(file) if name.startswith("scalenet_tf.")}
    return {package_of(name) for name in names} & set(ORDER) - {package}


def test_every_package_has_its_place() -> None:
    root = ROOT / "scalenet_tf"
    packages = {file.relative_to(root).parts[0].removesuffix(".py") for file in root.rglob("*.py")}
    assert packages == {*ORDER, "__init__"}


@pytest.mark.parametrize("package", ORDER)
def test_a_package_imports_none_above_it(package: str) -> None:
    below = set(ORDER[: ORDER.index(package)])
    assert imported_packages(package) <= below


@pytest.mark.parametrize("package", PURE)
def test_a_pure_package_names_nothing_heavy_not_even_within_a_function(package: str) -> None:
    for file in sources(f"scalenet_tf/{package}"):
        assert not {name.split(".")[0] for name in imports(file)} & HEAVY, file


@pytest.mark.parametrize("module", PURE_SEARCH)
def test_the_search_core_names_nothing_heavy_not_even_within_a_function(module: str) -> None:
    tops = {name.split(".")[0] for name in imports(ROOT / "scalenet_tf" / "search" / f"{module}.py")}
    assert tops and not tops & HEAVY


@pytest.mark.parametrize(
    ("words", "loads"),
    [("info config seed", False), ("pipelines --help", True), ("pipelines compile -h", True)],
)
def test_only_their_own_command_loads_the_pipelines(words: str, loads: bool) -> None:
    code = (
        "import sys; sys.argv = ['scalenet', *sys.argv[1:]]; from scalenet_tf.cli.main import main\n"
        f"try: main()\nexcept SystemExit: pass\n{ABSENT}; assert 'kfp' not in sys.modules\n"
        f"assert ('pipelines.cli' in sys.modules) == {loads}"
    )
    result = run_python(code, *words.split())
    assert result.returncode == 0, result.stderr


def test_the_pipelines_command_loads_neither_kfp_nor_anything_heavy() -> None:
    result = run_python(f"import pipelines.cli; {ABSENT}; assert 'kfp' not in sys.modules")
    assert result.returncode == 0, result.stderr
