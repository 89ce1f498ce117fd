"""Trains one member of the family and exports it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.common.artifact import Made, as_input, produce, read_artifact
from components.common.artifact_types import EXAMPLES, FAMILY, MODEL, SERVING, SUPERNET, member_of
from components.common.lineage import Lineage
from components.common.outcome import Outcome
from components.common.runs import (
    PUT_BACK,
    config_after,
    decided_by,
    open_run,
    own_recipes,
    run_parts,
    upstream_parts,
)
from scalenet_tf import steps
from scalenet_tf.config import RunConfig, recipe_of
from scalenet_tf.config.teacher import is_path
from scalenet_tf.run import Run
from scalenet_tf.run.family import Family, read_member, require_family
from scalenet_tf.run.layout import FAMILY as FAMILY_FILE
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.metrics import Metrics
from scalenet_tf.run.teachers import family_teachers, with_its_teachers
from scalenet_tf.utils.value_file import read_value


def train(
    *,
    examples: str,
    supernet: str,
    family: str,
    model: str,
    stage: int,
    config: str = "",
    scratch: str = "",
) -> Outcome:
    """Writes the trained member and its SavedModel; see the component.

    Raises:
      ScaleNetError: If a stage is not in the family, or the predictions of a SavedModel differ from the
        Keras model's.
    """
    inputs = {
        "examples": as_input(examples, given := read_artifact("examples", examples, [EXAMPLES])),
        "supernet": as_input(supernet, read_artifact("supernet", supernet, [SUPERNET])),
        "family": as_input(family, read_artifact("family", family, [FAMILY])),
    }
    settings = config_after(config, family)
    decides = _decided_by(settings, require_family(RunFolder(Path(family))), stage)
    lineage = Lineage("family_trainer", inputs, decides, given["data_digest"])

    def work(folder: Path) -> Made:
        parts = upstream_parts(supernet, "supernet") | {Path(family) / FAMILY_FILE: FAMILY_FILE}
        return _train(folder, settings, examples, parts, stage)

    metadata = produce(model, MODEL, lineage, work, scratch)
    return Outcome(metadata, _metrics(read_value(member_of(model, stage).metrics, Metrics, PUT_BACK)))


def _decided_by(settings: RunConfig, family: Family, stage: int) -> dict[str, Any]:
    """Digests of what decides a member: it learns from its teachers, whose recipes decide too."""
    chain = with_its_teachers(family_teachers(family, settings.members), stage)
    return {
        **decided_by(settings),
        "stage": stage,
        **own_recipes(settings, chain),
        # Only the first of a chain can have a teacher that is no member.
        **_saved_teacher(settings, chain[0]),
    }


def _train(folder: Path, config: RunConfig, examples: str, parts: dict[Path, str], stage: int) -> Made:
    from scalenet_tf.utils.tf_setup import load_tensorflow

    run = open_run(folder, config, examples, parts)
    load_tensorflow()
    read_member(run, stage)
    # Members are trained in tasks that do not see each other, so each trains its teacher in its own folder.
    teachers = family_teachers(run.family(), config.members)
    steps.retrain(run, with_its_teachers(teachers, stage), jobs=1)
    steps.export(run, [stage])
    return model_parts(run, stage)


def _saved_teacher(config: RunConfig, stage: int) -> dict[str, str]:
    """The digest of a teacher that is given by a path, which the configuration leaves out."""
    teacher = recipe_of(config.members, stage).teacher
    if not is_path(teacher):
        return {}
    from scalenet_tf.members.teacher import teacher_at  # TensorFlow

    return {"teacher": teacher_at(Path(teacher)).digest}


def model_parts(run: Run, stage: int) -> Made:
    """A trained and exported member as an artifact."""
    member = run.member_files(stage)
    own = [run.family_file, member.architecture, member.history, member.metrics, member.weights]
    if member.samples.is_file():  # Members that an earlier version trained have none.
        own.append(member.samples)
    parts = run_parts(run, *own) | {SERVING: member.saved_model}
    return Made(parts, {"stage": stage, "name": f"s{stage}"})


def _metrics(found: Metrics) -> dict[str, float]:
    environment = found.environment
    assert environment.latency_ms and environment.parity  # noqa: S101 (the member was exported)
    return {
        "validation_accuracy": found.validation_accuracy,
        "test_accuracy": found.test_accuracy,
        "epochs": float(found.epochs),
        "latency_ms": environment.latency_ms[1],
        "largest_difference": environment.parity.largest_difference,
    }
