"""Writes the splits of any data source under the names of TFX's ExampleGen."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from components.common.artifact import Made, produce
from components.common.artifact_types import EXAMPLES
from components.common.lineage import Lineage
from components.common.log import log, logged
from components.common.outcome import Outcome
from components.common.runs import read_config
from scalenet_tf.config import RunConfig, override_config, override_texts
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.paths import with_absolute_paths
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest


def generate(
    *, examples: str, config: str, source: str = "", shards: int = 1, fingerprint: str = ""
) -> Outcome:
    """Writes Split-train, Split-eval, Split-test and labels.txt; see the component.

    Raises:
      ScaleNetError: If the source cannot be opened or split. Corrupt images are written unchanged.
    """
    if shards < 1:
        raise InvalidInputError(f"`shards` must be at least 1. Received: {shards}")
    settings = read_config(config)
    if source:
        settings = override_config(settings, override_texts({"data.source": source}))
    settings = with_absolute_paths(settings)
    splitting = {"source", "data_dir", "validation", "validation_fraction", "test_fraction", "train_images"}
    converting = {"reading", "channels", "background"}
    data = settings.data.model_dump(include=splitting | converting)
    decides = {
        "data": data,
        "task": str(settings.task),
        "seed": settings.seed,
        "shards": shards,
        "fingerprint": fingerprint,
    }
    lineage = Lineage("example_gen", {}, decides)

    def work(folder: Path) -> Made:
        made = _write(folder, settings, shards)
        return Made(made.parts, {**made.properties, "input_fingerprint": fingerprint})

    metadata = produce(examples, EXAMPLES, lineage, work)
    return Outcome(metadata)


def _write(folder: Path, config: RunConfig, shards: int) -> Made:
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    from components.example_gen.source import SPLITS, read_source
    from scalenet_tf.data.records import write_split

    labels, splits = read_source(config)
    counts, digests, parts = {}, {}, {}
    for split, found in splits.items():
        name = SPLITS[split]
        parts[f"Split-{name}"] = folder / f"Split-{name}"
        images = logged("example_gen", found.images, found.count, split=name)
        digest = hashlib.sha256()
        written = write_split(parts[f"Split-{name}"], images, shards, digest.update)
        counts[name], digests[name] = written.count, digest.hexdigest()
        log("example_gen", "split written", split=name, images=counts[name])
    parts["labels.txt"] = files.write_text(folder / "labels.txt", "".join(f"{label}\n" for label in labels))
    properties = {
        "split_names": json.dumps(list(counts)),
        "span": "0",
        "version": "0",
        "payload_format": "FORMAT_TF_EXAMPLE",
        "file_format": "tfrecords_gzip",
        "images": counts,
        "classes": len(labels),
        "task": str(config.task),
        "data_digest": (data_digest := json_digest([list(labels), digests])),
        # Later steps depend on the content that was read, not on the location of the source.
        "content_digest": json_digest([data_digest, shards]),
    }
    return Made(parts, properties)
