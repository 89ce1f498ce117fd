"""Trains the super-supernet, alone or as one of several workers."""

from __future__ import annotations

from pathlib import Path

from components.common.artifact import Made, as_input, copy, produce, read_artifact
from components.common.artifact_types import EXAMPLES, SUPERNET
from components.common.lineage import Lineage
from components.common.outcome import Outcome
from components.common.runs import PUT_BACK, check_scratch, decided_by, open_run, read_config, run_parts
from scalenet_tf import steps
from scalenet_tf.config import RunConfig
from scalenet_tf.distribute.cluster import read_cluster
from scalenet_tf.presets import load_space
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.progress_rows import read_training_log
from scalenet_tf.run.supernet_done import SupernetDone
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.value_file import read_value


def train(
    *, examples: str, supernet: str, model_run: str, config: str, space: str = "", scratch: str = ""
) -> Outcome:
    """Trains and writes the super-supernet; see the component.

    Raises:
      ScaleNetError: If the configuration, the space or the images are not valid, or training diverges.
    """
    given = read_artifact("examples", examples, [EXAMPLES])
    check_scratch(scratch)
    settings = _with_space(read_config(config), space, Path(scratch or Path(supernet).parent))
    lineage = Lineage(
        "supernet_trainer",
        {"examples": as_input(examples, given)},
        decided_by(settings),
        given["data_digest"],
    )
    metadata = produce(
        supernet, SUPERNET, lineage, lambda folder: _train(folder, settings, examples), scratch
    )
    if not metadata:
        return Outcome({})
    trained = RunFolder(Path(supernet))
    copy(trained.supernet / "tensorboard", Path(model_run))
    return Outcome(metadata, _metrics(trained))


def _train(folder: Path, config: RunConfig, examples: str) -> Made | None:
    from scalenet_tf.utils.tf_setup import load_tensorflow

    run = open_run(folder, config, examples, {})
    load_tensorflow()
    steps.train(run)
    if not read_cluster().chief:
        return None
    done = read_value(run.supernet_done_file, SupernetDone, PUT_BACK)
    properties = {"steps": done.steps, "weights_digest": done.weights_digest}
    return Made(run_parts(run, run.supernet), properties)


def _with_space(config: RunConfig, space: str, folder: Path) -> RunConfig:
    """Writes the YAML text of a space to a file named after its digest, since a run needs a file."""
    if not space:
        return config
    file = files.write_text(folder / f"space-{json_digest(space)}.yaml", space)
    load_space(str(file))
    return config.model_copy(update={"space": str(file)})


def _metrics(trained: RunFolder) -> dict[str, float]:
    rows = read_training_log(trained.supernet_log_file)
    if not rows:
        return {}
    last = rows[-1]
    return {
        f"{name}_s{stage}": value
        for name, by_stage in (("loss", last.stage_loss), ("accuracy", last.stage_accuracy))
        for stage, value in by_stage.items()
    }
