"""The export of one member in one format: the file, parity check, latency, model card."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from scalenet_tf.config import DataConfig
from scalenet_tf.data import open_data
from scalenet_tf.data.damage import damage_named
from scalenet_tf.data.find_format import decoder_of
from scalenet_tf.export.card import write_card
from scalenet_tf.export.folding import folded_model
from scalenet_tf.export.latency import measure_latency
from scalenet_tf.export.litert import write_litert
from scalenet_tf.export.onnx import write_onnx
from scalenet_tf.export.parity import check_parity
from scalenet_tf.export.saved_model import SIGNATURES, write_saved_model
from scalenet_tf.members.evaluation import TrainedMember, load_member
from scalenet_tf.run import Run
from scalenet_tf.run.export_digests import find_damage, folder_digests, stated_digests
from scalenet_tf.run.exports import Format, export_folder, folder_bytes, model_file
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.locks import member_lock, step_lock
from scalenet_tf.run.metrics import ExportedFormat, Latency, MemberEnvironment, Parity, trained_metrics
from scalenet_tf.serving.session import replay
from scalenet_tf.serving.warmup import BATCHES, write_warmup
from scalenet_tf.utils import files
from scalenet_tf.utils.progress import spinner
from scalenet_tf.utils.value_file import write_value

logger = logging.getLogger(__name__)


def export_member(run: Run | str | Path, stage: int, form: Format = Format.saved_model) -> Path:
    """Writes a trained member in one format, such as the SavedModel members/sN/saved_model/1.

    The folder appears only when it is whole and answers as the Keras model does. metrics.json then gets
    the parity, of a SavedModel also the latency, and the digests of the files, under "environment";
    members/sN/model_card.md is written again.

    Args:
      run: A run that trained the member, or its path.
      stage: Scaling stage of the member, from 0.
      form: The format. LiteRT and ONNX need the extra `export`.

    Returns:
      The folder, such as tf.saved_model.load takes; TensorFlow Serving takes the one above it, of which this
      is a version. An export that is there is returned as it is, unless one of its files was changed: it is
      then written again.

    Raises:
      ScaleNetError: If the member is not trained, the parity check fails, the extra is missing, or another
        process works on the member.

    Example:
      >>> tf.saved_model.load(export_member(run, 0)).signatures["serving_default"]
    """
    run = given_run(run)
    with step_lock(run.path, member_lock(stage)):
        return _export_if_needed(run, stage, form)


def _export_if_needed(run: Run, stage: int, form: Format) -> Path:
    folder = export_folder(run, stage, form)
    metrics = trained_metrics(run, stage) if folder.is_dir() else None
    done = metrics is not None and _recorded(metrics.environment, form)
    damage = find_damage(folder, stated_digests(metrics, form)) if done else None
    if damage is not None:
        logger.warning("%s. It is exported again.", damage)
    if not done or damage is not None:
        _export(run, stage, form, folder)
    write_card(run, stage)
    return folder


def _recorded(environment: MemberEnvironment, form: Format) -> bool:
    if form is Format.saved_model:
        # What an earlier version wrote lacks signatures, and is written again.
        return environment.signatures == SIGNATURES
    return str(form) in (environment.formats or {})


@dataclass(frozen=True)
class _Measured:
    """The measurements of an export; only a SavedModel has a latency."""

    parity: Parity
    latency: Latency | None


def _export(run: Run, stage: int, form: Format, folder: Path) -> None:
    member = load_member(run, stage)
    data = open_data(run)
    measured: list[_Measured] = []

    def fill(temporary: Path) -> None:
        _write(member, form, temporary, run.config.data, data.info.image_size)
        if form is Format.saved_model:
            write_warmup(temporary, data.validation.take(np.arange(min(max(BATCHES), data.validation.count))))
            replay(temporary)
        parity, latency = check_parity(temporary, form, member.model, data, member.task), None
        if form is Format.saved_model:
            loaded = tf.saved_model.load(str(temporary))
            latency = measure_latency(loaded, data.info.image_size, data.info.channels)
        measured.append(_Measured(parity, latency))

    with damage_named(data), spinner(f"exporting s{stage} as {form}"):
        files.write_folder(folder, fill)
    [found] = measured
    _record(run, stage, form, found, folder)
    latency = found.latency and found.latency.latency_ms
    times = f"{latency[1]:.1f} ms an image, {latency[32]:.1f} ms for 32, " if latency else ""
    logger.info(
        f"s{stage} is exported as {form}: {times}largest difference of a probability "
        f"{found.parity.largest_difference:.1e} over {found.parity.images} images, {folder}"
    )


def _record(run: Run, stage: int, form: Format, found: _Measured, folder: Path) -> None:
    """Adds what was measured to the member's metrics.json."""
    metrics = trained_metrics(run, stage)
    environment = metrics.environment
    if found.latency is not None:
        measured = {"parity": found.parity, "signatures": SIGNATURES, **dict(found.latency)}
    else:
        exported = ExportedFormat(**dict(found.parity), bytes=folder_bytes(folder))
        measured = {"formats": {**(environment.formats or {}), str(form): exported}}
    measured["export_digests"] = {**(environment.export_digests or {}), str(form): folder_digests(folder)}
    changed = environment.model_copy(update=measured)
    write_value(run.member_files(stage).metrics, metrics.model_copy(update={"environment": changed}))


def _write(member: TrainedMember, form: Format, folder: Path, data: DataConfig, image_size: int) -> None:
    if form is Format.keras:
        # With batch norm as layers of its own, so that it can be trained further.
        folder.mkdir(parents=True)
        member.model.save(model_file(folder, form))
        return
    model = folded_model(member.subnet, member.model, apart=form is Format.saved_model)
    if form is Format.saved_model:
        decoder = decoder_of(data)
        write_saved_model(model, member.labels, folder, decoder, data.fit, member.task, image_size)
    elif form is Format.onnx:
        write_onnx(model, model_file(folder, form), member.task)
    else:
        write_litert(model, model_file(folder, form), member.task, float16=form is Format.litert_float16)
