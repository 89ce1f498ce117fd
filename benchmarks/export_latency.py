"""Latency of an exported SavedModel compared with Keras' own export of the model, each in fresh processes.

python -m benchmarks.export_latency --run runs/first --stage 0 --stage 2 --output export_latency.json
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.common.options import Output, run_script
from scalenet_tf.costs.device import describe_device
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.profiling.members import run_child
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format
from scalenet_tf.space import Subnet
from scalenet_tf.utils import files

# Threads and oneDNN of Keras' export, and of ours. `scalenet serve-files` writes the third setting for small
# networks and the fourth for large ones.
SETTINGS = {
    "equal, 1 thread": ((1, "1"), (1, "1")),
    "equal, 1 thread, no oneDNN": ((1, "0"), (1, "0")),
    "recommended to default": ((0, "1"), (1, "0")),
    "the same with oneDNN": ((0, "1"), (1, "1")),
}
_BATCHES = ("1", "32")


def main(
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="A run with trained members.")] = None,
    stage: Annotated[
        list[int] | None, typer.Option(min=0, help="A scaling stage of the run; repeatable. Default: all.")
    ] = None,
    large: Annotated[bool, typer.Option(help="Also an untrained network of about 1 M parameters.")] = True,
    pairs: Annotated[int, typer.Option(min=1, help="Processes per side, in turns.")] = 5,
    output: Output = Path("export_latency.json"),
) -> None:
    """Print the ratios of our export to Keras' export, medians over pairs of processes.

    Example: python -m benchmarks.export_latency --run runs/first --stage 0 --pairs 3
    """
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    table = Table("network", "parameters", "settings", "batch", "Keras' export", "ours", "ratio")
    results: list[dict[str, Any]] = []
    for name, subnet, model in _networks(run, stage, large):
        with _exported(subnet, model) as (theirs, ours):
            results += _compare(name, model, theirs, ours, pairs)
        device = describe_device(0).model_dump(mode="json")
        value = {"schema": 1, "device": device, "pairs": pairs, "results": results}
        files.write_json(output, value)
    for row in results:
        times = [f"{row[side]:.3f} ms" for side in ("keras_ms", "ours_ms")]
        cells = [row["network"], f"{row['parameters']:,}", row["settings"], row["batch"]]
        table.add_row(*cells, *times, f"{row['ratio']:.2f}")
    Console().print(table)


def _networks(run: Path | None, stages: list[int] | None, large: bool) -> Iterator[tuple[str, Subnet, Any]]:
    import keras

    from scalenet_tf.members.evaluation import load_member
    from scalenet_tf.models.plain import build_model
    from scalenet_tf.presets import load_space
    from scalenet_tf.sampling import draw_subnet
    from scalenet_tf.space import Scaling
    from scalenet_tf.space.scaling import scale

    if run is not None:
        opened = Run.open(run)
        for number in stages or opened.family().stages:
            member = load_member(opened, number)
            yield f"s{number}", member.subnet, member.model
    if large:
        keras.utils.set_random_seed(0)
        space = load_space("small")
        subnet = scale(space, draw_subnet(space, 0, 0).base, Scaling.of(2, 3.9, 28))
        yield "large", subnet, _as_if_trained(build_model(subnet))


def _as_if_trained(model: Any) -> Any:
    """The model with sums that are not zero; TensorFlow drops zero sums and fuses the rest differently."""
    import keras
    import numpy as np

    generator = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization | keras.layers.Dense):
            layer.set_weights(
                [value + generator.uniform(0.1, 0.2, value.shape) for value in layer.get_weights()]
            )
    return model


@contextmanager
def _exported(subnet: Subnet, model: Any) -> Iterator[tuple[Path, Path]]:
    from scalenet_tf.export.folding import folded_model
    from scalenet_tf.export.saved_model import write_saved_model

    with TemporaryDirectory() as temporary:
        theirs, ours = Path(temporary) / "keras", Path(temporary) / "ours"
        model.export(str(theirs), verbose=False)
        labels = [str(n) for n in range(model.output_shape[1])]
        write_saved_model(folded_model(subnet, model, apart=True), labels, ours)
        yield theirs, ours


def _compare(name: str, model: Any, theirs: Path, ours: Path, pairs: int) -> list[dict[str, Any]]:
    side, channels = model.input_shape[1], model.input_shape[3]
    rows = []
    for settings, (of_keras, of_ours) in SETTINGS.items():
        times: dict[str, list[tuple[float, float]]] = {batch: [] for batch in _BATCHES}
        for _ in track(range(pairs), f"{name}, {settings}", console=Console(stderr=True)):
            both = [
                _milliseconds(folder, side, channels, *how)
                for folder, how in ((theirs, of_keras), (ours, of_ours))
            ]
            for batch in _BATCHES:
                times[batch].append((both[0][batch], both[1][batch]))
        for batch, found in times.items():
            rows.append(
                {
                    "network": name,
                    "parameters": model.count_params(),
                    "settings": settings,
                    "batch": batch,
                    "keras_ms": statistics.median(pair[0] for pair in found),
                    "ours_ms": statistics.median(pair[1] for pair in found),
                    "ratio": statistics.median(pair[1] / pair[0] for pair in found),
                }
            )
    return rows


def _milliseconds(folder: Path, side: int, channels: int, threads: int, onednn: str) -> dict[str, float]:
    done = run_child(Format.saved_model, folder, side, channels, threads, TF_ENABLE_ONEDNN_OPTS=onednn)
    if done.returncode:
        raise ScaleNetError(f"{folder.name} could not be measured: {done.stderr.strip()}")
    latency = json.loads(done.stdout.splitlines()[-1])["latency_ms"]
    return {batch: latency[batch]["p50"] for batch in _BATCHES}


if __name__ == "__main__":
    run_script(main)
