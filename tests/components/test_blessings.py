"""Evaluator, InfraValidator and Pusher on a trained member: what is worse, broken or slow is not pushed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import fsspec
import pytest

from components.common.artifact import Made, produce, read_artifact
from components.common.artifact_types import MODEL, SERVING
from components.common.lineage import Lineage
from components.common.outcome import Outcome
from components.evaluator import executor as evaluator
from components.infra_validator import executor as infra_validator
from components.pusher import executor as pusher
from scalenet_tf.errors import DamagedFileError, ScaleNetError
from scalenet_tf.members.initial_weights import initialize
from scalenet_tf.models.plain import build_model
from scalenet_tf.run.evaluation import ModelEvaluation, Thresholds
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.space import Subnet
from scalenet_tf.utils import files
from scalenet_tf.utils.lifeline import LIFELINE
from scalenet_tf.utils.value_file import read_value
from tests.helpers.stored import state_digests


@pytest.fixture(scope="module")
def worse(model: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same network, untrained, as another model of the member."""
    from scalenet_tf.export.saved_model import write_saved_model

    root = tmp_path_factory.mktemp("worse")
    architecture = files.read_json(Path(model) / "members" / "s0" / "architecture.json")
    network = build_model(Subnet.model_validate(architecture["subnet"]))
    initialize(network, seed=1, stage=0)
    write_saved_model(network, architecture["labels"], root / "untrained")
    parts = {path.name: path for path in Path(model).iterdir() if path.name not in (SERVING, "artifact.json")}
    parts["members"] = shutil.copytree(Path(model) / "members", root / "members")
    state_digests(RunFolder(root), root / "untrained")
    made = Made({**parts, SERVING: root / "untrained"}, {"stage": 0, "name": "s0"})
    produce(
        str(root / "model"), MODEL, Lineage("family_trainer", {}, {"member": "worse"}), lambda folder: made
    )
    return str(root / "model")


def evaluate(examples: str, model: str, path: Path, **changes: object) -> Outcome:
    places = {"evaluation": str(path / "evaluation"), "blessing": str(path / "blessing")}
    return evaluator.evaluate(examples=examples, model=model, **places, **changes)  # type: ignore[arg-type]


def serve(examples: str, model: str, path: Path, **changes: object) -> Outcome:
    blessing = str(path / "infra")
    return infra_validator.validate(examples=examples, model=model, blessing=blessing, **changes)  # type: ignore[arg-type]


def push(model: str, path: Path, destination: str, name: str = "pushed") -> Outcome:
    return pusher.push(
        model=model,
        evaluation_blessing=str(path / "blessing"),
        infra_blessing=str(path / "infra"),
        pushed=str(path / name),
        destination=destination,
    )


@pytest.fixture(scope="module")
def blessed(examples: str, model: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both blessings of the trained member."""
    path = tmp_path_factory.mktemp("blessed")
    evaluate(examples, model, path)
    serve(examples, model, path)
    return path


def test_a_first_model_is_rubber_stamped_and_measured_as_in_training(blessed: Path, model: str) -> None:
    assert (blessed / "blessing" / "BLESSED").is_file()
    verdict = read_artifact("blessing", str(blessed / "blessing"), ["ModelBlessing"])
    assert verdict["blessed"] == 1 and "rubber stamped" in verdict["blessing_message"]
    assert verdict["current_model"] == model
    found = files.read_json(blessed / "evaluation" / "evaluation.json")["model"]
    trained = files.read_json(Path(model) / "members" / "s0" / "metrics.json")
    assert found["images"] == 4000 and found["accuracy"] == pytest.approx(trained["test_accuracy"], abs=0.002)
    assert sum(found["of_class"].values()) / 10 == pytest.approx(found["accuracy"], abs=0.02)


def test_the_server_is_named_and_every_signature_was_asked(blessed: Path) -> None:
    assert (blessed / "infra" / "INFRA_BLESSED").is_file()
    found = read_artifact("blessing", str(blessed / "infra"), ["InfraBlessing"])
    assert "not TensorFlow Serving" in found["served_by"]
    assert "responds in 3 signatures" in found["blessing_message"]


def test_versions_count_up_and_a_retry_pushes_no_second_copy(
    blessed: Path, model: str, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    (models / "s0" / "3").mkdir(parents=True)  # half a version of another's
    first = push(model, blessed, str(models), "one")
    assert first.metrics == {"pushed": 1.0, "pushed_version": 4.0}
    assert (models / "s0" / "4" / "saved_model.pb").is_file()
    retried = push(model, blessed, str(models), "two")
    assert retried.metadata["pushed_version"] == 4
    assert sorted(path.name for path in (models / "s0").iterdir()) == ["3", "4"]


def test_a_number_that_another_pipeline_takes_meanwhile_is_left_to_it(
    blessed: Path, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, upload = tmp_path / "models", pusher.upload_model

    def late(system: object, staged: Path, folder: str) -> None:
        if folder.endswith("/1"):
            Path(folder).mkdir(parents=True)
            (Path(folder) / "saved_model.pb").write_bytes(b"another model")
        upload(system, staged, folder)

    monkeypatch.setattr(pusher, "upload_model", late)
    assert push(model, blessed, str(models)).metadata["pushed_version"] == 2
    assert (models / "s0" / "1" / "saved_model.pb").read_bytes() == b"another model"
    assert sorted(path.name for path in (models / "s0").iterdir()) == ["1", "2"]


def test_a_mounted_bucket_gets_the_graph_last(
    blessed: Path, model: str, tmp_path: Path, no_folder_renames: list[str]
) -> None:
    push(model, blessed, str(tmp_path / "models"))
    served = tmp_path / "models" / "s0" / "1"
    moved = no_folder_renames[: no_folder_renames.index("pushed.json")]
    assert {"variables.index", "saved_model.pb"} <= set(moved) and moved[-1] == "saved_model.pb"
    assert (served / "saved_model.pb").is_file() and (served / "variables").is_dir()


@pytest.mark.parametrize("scheme", ["file", pytest.param("memory", marks=pytest.mark.slow)])
def test_a_worse_model_is_not_blessed_and_not_pushed(
    scheme: str,
    blessed: Path,
    model: str,
    worse: str,
    examples: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    destination = f"memory://served{tmp_path}" if scheme == "memory" else str(tmp_path / "served")
    pushed = push(model, blessed, destination, f"pushed {scheme}")
    assert pushed.metadata["pushed_destination"] == f"{destination}/s0/1"
    outcome = evaluate(examples, worse, tmp_path, baseline_uri=destination)
    assert outcome.metrics["blessed"] == 0
    assert outcome.metrics["baseline_accuracy"] > outcome.metrics["accuracy"]
    assert outcome.blessing["baseline_model"] == f"{destination}/s0/1"
    assert (tmp_path / "blessing" / "NOT_BLESSED").is_file()
    serve(examples, worse, tmp_path)
    capsys.readouterr()
    refused = push(worse, tmp_path, destination)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [line["severity"] for line in lines if line["event"] == "not pushed"] == ["WARNING"]
    assert refused.metrics == {"pushed": 0.0}
    (reason,) = refused.metadata["reasons"]
    assert reason.startswith("evaluation_blessing: accuracy 0.") and "from the baseline's" in reason
    assert files.read_json(tmp_path / "pushed" / "pushed.json")["reasons"] == [reason]
    system, path = fsspec.core.url_to_fs(f"{destination}/s0")
    assert [entry.rsplit("/", 1)[-1] for entry in system.ls(path, detail=False)] == ["1"]


def test_a_model_that_was_pushed_before_is_not_its_own_baseline(
    blessed: Path, model: str, worse: str, examples: str, tmp_path: Path
) -> None:
    """A pipeline that is run again with a change above 0 would not bless what it has pushed."""
    served = str(tmp_path / "served")
    push(model, blessed, served)
    again = evaluate(examples, model, tmp_path / "again", baseline_uri=served, accuracy_absolute_change=0.01)
    assert again.metrics["blessed"] == 1 and again.blessing["baseline_model"] == ""
    evaluate(examples, worse, tmp_path)
    serve(examples, worse, tmp_path)
    push(worse, tmp_path, served)
    first = evaluate(examples, worse, tmp_path / "first", baseline_uri=served, accuracy_absolute_change=-1.0)
    assert first.blessing["baseline_model"] == f"{served}/s0/1"
    other = evaluate(examples, model, tmp_path / "other", baseline_uri=served, accuracy_absolute_change=0.01)
    assert other.metrics["blessed"] == 1 and other.blessing["baseline_model"] == f"{served}/s0/2"


def test_models_for_other_images_are_told_to_be_pushed_elsewhere(
    model: str, examples: str, tmp_path: Path
) -> None:
    from scalenet_tf.export.saved_model import write_saved_model

    architecture = files.read_json(Path(model) / "members" / "s0" / "architecture.json")
    colour = build_model(Subnet.model_validate(architecture["subnet"] | {"channels": 3}))
    initialize(colour, seed=1, stage=0)
    write_saved_model(colour, architecture["labels"], tmp_path / "served" / "s0" / "1")
    text = r"`baseline_uri` must be .* images of 1 channels\. Received: .*other images: give another --push"
    with pytest.raises(ScaleNetError, match=text):
        evaluate(examples, model, tmp_path, baseline_uri=str(tmp_path / "served"))


def test_each_bound_that_is_not_met_is_a_reason(blessed: Path) -> None:
    found = read_value(blessed / "evaluation" / "evaluation.json", ModelEvaluation, "")
    perfect = found.model.model_copy(update={"accuracy": 1.0})
    reasons = evaluator.faults(found.model, perfect, thresholds(1.0, 1.0, 0.0))
    assert reasons[0].startswith("accuracy 0.") and reasons[0].endswith(" is below 1")
    assert any(reason.startswith("accuracy of class Shirt 0.") for reason in reasons)
    assert reasons[-1].endswith("below the allowed +0")
    balanced = thresholds(0.0, 0.0, -1.0).model_copy(update={"balanced_accuracy_lower_bound": 1.0})
    [reason] = evaluator.faults(found.model, perfect, balanced)
    assert reason == f"balanced accuracy {found.model.balanced:.4f} is below 1"
    assert evaluator.faults(found.model, perfect, thresholds(0.0, 0.0, -1.0)) == []


def test_a_change_at_the_limit_itself_is_allowed(blessed: Path) -> None:
    found = read_value(blessed / "evaluation" / "evaluation.json", ModelEvaluation, "").model
    model, baseline = (found.model_copy(update={"accuracy": accuracy}) for accuracy in (0.89, 0.90))
    assert 0.89 - 0.90 < -0.01  # as floats
    assert evaluator.faults(model, baseline, thresholds(0.0, 0.0, -0.01)) == []
    [reason] = evaluator.faults(model, baseline, thresholds(0.0, 0.0, -0.0099))
    assert reason.endswith("accuracy 0.8900 is -0.0100 from the baseline's, below the allowed -0.0099")


def thresholds(accuracy: float, of_class: float, change: float) -> Thresholds:
    return Thresholds(
        accuracy_lower_bound=accuracy, class_accuracy_lower_bound=of_class, accuracy_absolute_change=change
    )


def test_a_model_that_does_not_load_or_is_over_a_limit_is_not_blessed(
    model: str, examples: str, tmp_path: Path
) -> None:
    broken = shutil.copytree(model, tmp_path / "broken")
    (broken / SERVING / "saved_model.pb").write_bytes(b"not a model")
    state_digests(RunFolder(broken), broken / SERVING)
    outcome = serve(examples, str(broken), tmp_path)
    assert outcome.metrics == {"blessed": 0.0}
    assert "the serving process ended with exit code 1: " in outcome.metadata["reasons"][0]
    limited = serve(examples, model, tmp_path, max_memory_mb=1, max_latency_ms=0.001)
    reasons = "; ".join(limited.metadata["reasons"])
    assert "MB, over 1" in reasons and "ms an image, over 0.001" in reasons
    assert (tmp_path / "infra" / "INFRA_NOT_BLESSED").is_file()


def test_a_blessing_of_another_model_is_refused(blessed: Path, worse: str, tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match="`evaluation_blessing` is of another model"):
        push(worse, blessed, str(tmp_path))


def test_a_forged_blessing_is_refused(blessed: Path, model: str, tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    shutil.copytree(blessed, forged)
    file = forged / "blessing" / "artifact.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "blessed": 0}))
    with pytest.raises(ScaleNetError, match="metadata that disagree"):
        push(model, forged, str(tmp_path / "models"))


def test_what_cannot_be_used_is_named(model: str, blessed: Path, examples: str, tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match="`destination` must be a path or a URL"):
        push(model, blessed, "")
    with pytest.raises(ScaleNetError, match=r"`destination` must be .* Received: 'nowhere://models'"):
        push(model, blessed, "nowhere://models", "nowhere")
    with pytest.raises(ScaleNetError, match=r"`accuracy_lower_bound` must be 0 to 1\. Received: 2"):
        evaluate(examples, model, tmp_path, accuracy_lower_bound=2.0)
    with pytest.raises(ScaleNetError, match="`max_latency_ms` must not be negative"):
        serve(examples, model, tmp_path, max_latency_ms=-1.0)


def test_a_model_that_was_changed_is_neither_measured_nor_blessed_nor_pushed(
    blessed: Path, model: str, examples: str, tmp_path: Path
) -> None:
    changed = shutil.copytree(model, tmp_path / "model")
    graph = changed / SERVING / "saved_model.pb"
    graph.write_bytes(graph.read_bytes()[:-1])
    with pytest.raises(DamagedFileError, match=r"saved_model\.pb' was changed .*run the component again"):
        evaluate(examples, str(changed), tmp_path)
    outcome = serve(examples, str(changed), tmp_path)
    assert outcome.metrics == {"blessed": 0.0}
    assert (
        "saved_model.pb' was changed"
        in read_artifact("b", str(tmp_path / "infra"), ["InfraBlessing"])["blessing_message"]
    )
    with pytest.raises(DamagedFileError, match=r"saved_model\.pb' was changed"):
        push(str(changed), blessed, str(tmp_path / "models"), "elsewhere")
    assert not (tmp_path / "models").exists()


def test_the_serving_process_ends_with_its_parent() -> None:
    command = [sys.executable, infra_validator.PROBE, "model", "images.npy"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, **LIFELINE}) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == -signal.SIGKILL
