"""The components themselves, called in process as KFP calls them, and what they tell a pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files

dsl = pytest.importorskip("kfp.dsl")

from components.common.base import IMAGE  # noqa: E402
from components.compressor.component import compressor  # noqa: E402
from components.evaluator.component import evaluator  # noqa: E402
from components.example_gen.component import example_gen  # noqa: E402
from components.example_validator.component import example_validator  # noqa: E402
from components.infra_validator.component import infra_validator  # noqa: E402
from components.pusher.component import pusher  # noqa: E402
from components.report_gen.component import report_gen  # noqa: E402

ROOT = Path(__file__).resolve().parents[2] / "components"
COMPONENTS = sorted(path.parent.name for path in ROOT.glob("*/component.py"))


def load(name: str) -> Any:
    module = __import__(f"components.{name}.component", fromlist=[name])
    return getattr(module, name)


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_is_whole_and_installs_nothing(name: str) -> None:
    assert {"component.py", "executor.py", "README.md"} <= {path.name for path in (ROOT / name).iterdir()}
    container = load(name).pipeline_spec.deployment_spec["executors"][f"exec-{name.replace('_', '-')}"]
    container = container["container"]
    assert container["image"] == IMAGE and "python" in IMAGE
    assert "pip install" not in " ".join(container["command"])


def test_there_are_all_components() -> None:
    assert COMPONENTS == [
        "compressor",
        "evaluator",
        "example_gen",
        "example_validator",
        "family_trainer",
        "infra_validator",
        "joint_search",
        "pusher",
        "report_gen",
        "scaling_extrapolator",
        "source_fingerprint",
        "supernet_trainer",
    ]


def test_examples_are_written_and_validated(photos: Path, tmp_path: Path) -> None:
    examples, anomalies = dsl.Dataset(uri=str(tmp_path / "e")), dsl.Artifact(uri=str(tmp_path / "a"))
    example_gen.python_func(examples=examples, config="smoke", source=f"folder:{photos}")
    assert json.loads(examples.metadata["split_names"]) == ["train", "eval", "test"]
    metrics = dsl.Metrics(uri=str(tmp_path / "m"))
    example_validator.python_func(examples=examples, anomalies=anomalies, metrics=metrics)
    assert anomalies.metadata["tfx_type"] == "ExampleAnomalies"
    assert metrics.metadata["leaks"] == 0 and metrics.metadata["images_test"] == 12


@pytest.mark.slow
def test_metadata_and_metrics_reach_the_artifacts(examples: str, model: str, tmp_path: Path) -> None:
    def artifact(kind: Any, name: str) -> Any:
        return kind(uri=str(tmp_path / name))

    given, trained = dsl.Dataset(uri=examples), dsl.Model(uri=model)
    evaluation, blessing = artifact(dsl.Artifact, "evaluation"), artifact(dsl.Artifact, "blessing")
    infra, pushed = artifact(dsl.Artifact, "infra"), artifact(dsl.Artifact, "pushed")
    measured = artifact(dsl.Metrics, "m2")
    evaluator.python_func(
        examples=given, model=trained, evaluation=evaluation, blessing=blessing, metrics=measured
    )
    infra_validator.python_func(
        examples=given, model=trained, blessing=infra, metrics=artifact(dsl.Metrics, "m3")
    )
    pusher.python_func(
        model=trained,
        evaluation_blessing=blessing,
        infra_blessing=infra,
        pushed=pushed,
        metrics=artifact(dsl.Metrics, "m4"),
        destination=str(tmp_path / "models"),
    )
    assert measured.metadata["blessed"] == 1 and blessing.metadata["blessing_message"]
    assert pushed.metadata["pushed"] == 1
    assert files.read_json(measured.path) == measured.metadata
    origin = pushed.metadata["inputs"]
    assert origin == {"model": model, "evaluation_blessing": blessing.path, "infra_blessing": infra.path}
    for kept in (evaluation, blessing, infra, pushed):
        assert kept.metadata == files.read_json(Path(kept.path) / "artifact.json")
        assert kept.metadata["schema_version"] == 1 and len(kept.metadata["code_digest"]) == 16
        assert kept.metadata["data_digest"] == (given_digest(examples) if kept is not pushed else "")


def given_digest(examples: str) -> str:
    return str(files.read_json(Path(examples) / "artifact.json")["data_digest"])


def test_compression_by_no_method_is_an_empty_artifact(examples: str, model: str, tmp_path: Path) -> None:
    given, trained = dsl.Dataset(uri=examples), dsl.Model(uri=model)
    made, metrics = dsl.Model(uri=str(tmp_path / "made")), dsl.Metrics(uri=str(tmp_path / "metrics"))
    compressor.python_func(examples=given, model=trained, compressed_models=made, metrics=metrics, methods=[])
    assert made.metadata["methods"] == [] and metrics.metadata == {"methods": 0.0}
    assert [path.name for path in Path(made.path).iterdir()] == ["artifact.json"]
    with pytest.raises(ScaleNetError, match=r"`method` must be one of .*'ptq-int8'"):
        compressor.python_func(
            examples=given, model=trained, compressed_models=made, metrics=metrics, methods=["int8"]
        )


@pytest.mark.slow
def test_the_report_shows_every_member_and_where_it_is(whole: Path, tmp_path: Path) -> None:
    models = [dsl.Model(uri=str(whole / f"model{stage}")) for stage in (0, 1)]
    evaluation = dsl.Artifact(uri=str(tmp_path / "evaluation"))
    evaluator.python_func(
        examples=dsl.Dataset(uri=str(whole / "examples")),
        model=models[1],
        evaluation=evaluation,
        blessing=dsl.Artifact(uri=str(tmp_path / "blessing")),
        metrics=dsl.Metrics(uri=str(tmp_path / "metrics")),
        accuracy_lower_bound=1.0,
    )
    small = dsl.Model(uri=str(tmp_path / "small"))
    measured = dsl.Metrics(uri=str(tmp_path / "small_metrics"))
    compressor.python_func(
        examples=dsl.Dataset(uri=str(whole / "examples")),
        model=models[1],
        compressed_models=small,
        metrics=measured,
        methods=["ptq-float16", "ptq-int8"],
    )
    assert (Path(small.path) / "ptq-int8" / "model.tflite").stat().st_size == measured.metadata[
        "ptq_int8_bytes"
    ]
    report = dsl.HTML(uri=str(tmp_path / "report"))
    report_gen.python_func(
        supernet=dsl.Model(uri=str(whole / "supernet")),
        result=dsl.Artifact(uri=str(whole / "result")),
        family=dsl.Artifact(uri=str(whole / "family")),
        models=models,
        evaluations=[evaluation],
        compressed_models=[small],
        report=report,
    )
    page = Path(report.path).read_text("utf-8")
    assert f"{models[0].path}/Format-Serving" in page and f"{models[1].path}/Format-Serving" in page
    assert "ptq-float16" in page and "ptq-int8" in page
    assert "is below 1" in page and str(tmp_path / "report.work") not in page
    assert set(report.metadata["inputs"]) >= {"supernet", "models[0]", "models[1]", "evaluations[0]"}
    assert not (tmp_path / "report.work").exists()
