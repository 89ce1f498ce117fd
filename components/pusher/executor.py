"""Copies a model with both blessings to the folder that it is served from, as its next version."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from components.common.artifact import Made, as_input, produce, read_artifact
from components.common.artifact_types import INFRA_BLESSING, MODEL, MODEL_BLESSING, PUSHED, SERVING
from components.common.blessing import Blessing, read_blessing
from components.common.lineage import Lineage, uri_of
from components.common.log import log
from components.common.mark import MARK, marked_digest
from components.common.outcome import Outcome
from components.common.remote import newest_number, open_path, upload_model, versions
from components.common.saved_model import check_saved_model
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils import files


def push(
    *, model: str, evaluation_blessing: str, infra_blessing: str, pushed: str, destination: str
) -> Outcome:
    """Pushes the model, or reports why not; see the component.

    Raises:
      ScaleNetError: If the destination cannot be opened, the blessing is of another model, or the SavedModel
        is damaged.
    """
    if not destination:
        raise InvalidInputError(
            "`destination` must be a path or a URL such as gs://BUCKET/models. Received: ''"
        )
    model_metadata = read_artifact("model", model, [MODEL])
    inputs, reasons = {"model": as_input(model, model_metadata)}, []
    for name, path, kind in (
        ("evaluation_blessing", evaluation_blessing, MODEL_BLESSING),
        ("infra_blessing", infra_blessing, INFRA_BLESSING),
    ):
        blessing = read_blessing(name, path, kind)
        _check_same(name, blessing, model_metadata)
        inputs[name] = as_input(path, read_artifact(name, path, [kind]))
        if not blessing.blessed:
            reasons += [f"{name}: {reason}" for reason in blessing.reasons]
    lineage = Lineage("pusher", inputs, {"destination": destination}, model_metadata["data_digest"])

    def work(folder: Path) -> Made:
        metadata = {"pushed": 0, "reasons": reasons, "model": uri_of(model)}
        if reasons:
            log("pusher", "not pushed", "WARNING", model=model_metadata["name"], reasons=reasons)
        else:
            check_saved_model(model, model_metadata["stage"])
            metadata |= {"pushed": 1, **_push(Path(model), model_metadata, destination, folder)}
        return Made({"pushed.json": files.write_json(folder / "pushed.json", metadata)}, metadata)

    metadata = produce(pushed, PUSHED, lineage, work)
    metrics = {"pushed": float(metadata["pushed"])}
    if metadata["pushed"]:
        metrics["pushed_version"] = float(metadata["pushed_version"])
    return Outcome(metadata, metrics)


def _push(model: Path, model_metadata: dict[str, Any], destination: str, folder: Path) -> dict[str, Any]:
    """Copies the model as its next version, unless an earlier attempt has pushed it already."""
    system, path = open_path("destination", destination)
    target = f"{path}/{model_metadata['name']}"
    url = f"{destination.rstrip('/')}/{model_metadata['name']}"
    for version in versions(system, target)[-1:]:
        if marked_digest(system, f"{target}/{version}") == model_metadata["digest"]:
            log("pusher", "there already", destination=url, version=version)
            return {"pushed_destination": f"{url}/{version}", "pushed_version": version}
    staged = folder / "model"
    files.write_folder(staged, lambda temporary: _stage(model / SERVING, temporary, model_metadata))
    while True:
        version = newest_number(system, target) + 1
        try:
            upload_model(system, staged, f"{target}/{version}")
            break
        except FileExistsError:
            if not system.exists(f"{target}/{version}"):
                raise
            # Another pipeline has taken the number meanwhile.
    log("pusher", "pushed", destination=url, version=version)
    return {"pushed_destination": f"{url}/{version}", "pushed_version": version}


def _stage(saved_model: Path, temporary: Path, model_metadata: dict[str, Any]) -> None:
    """Copies the SavedModel and adds a file that identifies it; servers ignore assets.extra."""
    shutil.copytree(saved_model, temporary)
    mark = {
        "schema": 1,
        "name": model_metadata["name"],
        "digest": model_metadata["digest"],
        "data_digest": model_metadata["data_digest"],
    }
    files.write_json(temporary / MARK, mark)


def _check_same(name: str, blessing: Blessing, model_metadata: dict[str, Any]) -> None:
    if blessing.model_digest != model_metadata["digest"]:
        raise InvalidInputError(
            f"`{name}` is of another model (digest {blessing.model_digest}) than `model` "
            f"(digest {model_metadata['digest']}). Evaluate and validate the model that is to be pushed."
        )
