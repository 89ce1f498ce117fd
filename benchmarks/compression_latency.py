"""Size and latency of int8 files compared with float ones, by activation, for untrained networks.

python -m benchmarks.compression_latency --width 3.5 --output compression.json
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.common.options import Output, run_script
from scalenet_tf.utils import files


def main(
    output: Output = Path("compression.json"),
    activation: Annotated[
        list[str] | None, typer.Option(help="relu, relu6, silu or hard_silu; repeatable. Default: all.")
    ] = None,
    depth: Annotated[
        float, typer.Option(help="Depth multiplier for the first base of the small space.")
    ] = 2.0,
    width: Annotated[float, typer.Option(help="Width multiplier for that base.")] = 3.5,
    resolution: Annotated[int, typer.Option(help="Resolution in pixels.")] = 28,
    qat: Annotated[bool, typer.Option(help="Also measure models for quantisation-aware training.")] = True,
) -> None:
    """Print sizes and latencies; neither depends on the weights, which are untrained.

    Example: python -m benchmarks.compression_latency --activation hard_silu --activation relu6
    """
    import keras

    from scalenet_tf.layers.activations import ACTIVATIONS
    from scalenet_tf.presets import load_space
    from scalenet_tf.sampling import draw_subnet
    from scalenet_tf.space import Scaling
    from scalenet_tf.space.scaling import scale
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    space = load_space("small")
    subnet = scale(space, draw_subnet(space, 0, 0).base, Scaling.of(depth, width, resolution))
    table = Table("activation", "file", "bytes", "to float", "1 image", "to float", "32 images", "to float")
    results = []
    for kind in track(activation or list(ACTIVATIONS), "activations", console=Console(stderr=True)):
        keras.utils.set_random_seed(0)
        row = _measure(subnet.model_copy(update={"activation": kind}), qat)
        results.append({"activation": kind, **row})
        files.write_json(output, {"schema": 1, "results": results})
        plain = row["files"]["float"]
        for name, found in row["files"].items():
            latency, plain_latency = found["latency_ms"], plain["latency_ms"]
            table.add_row(
                f"{kind} ({row['parameters']:,})",
                name,
                f"{found['bytes']:,}",
                f"{found['bytes'] / plain['bytes']:.0%}",
                *(
                    text
                    for batch in ("1", "32")
                    for text in (
                        f"{latency[batch]:.3f} ms",
                        f"{latency[batch] / plain_latency[batch]:.2f}",
                    )
                ),
            )
    Console().print(table)


def _measure(subnet: Any, qat: bool) -> dict[str, Any]:
    import numpy as np

    from scalenet_tf.compress import litert
    from scalenet_tf.compress.measure import THREADS, latencies, sizes
    from scalenet_tf.compress.qat import quantization_aware
    from scalenet_tf.compress.tf_keras_model import build_tf_keras_model
    from scalenet_tf.models.plain import build_model
    from scalenet_tf.profiling.litert import Runner

    model = build_model(subnet)
    network = build_tf_keras_model(subnet, model)
    shape = model.input_shape[1:]

    def calibration() -> Iterator[list[np.ndarray]]:
        for seed in range(20):
            yield [litert.scaled(np.random.default_rng(seed).integers(0, 256, (1, *shape)))]

    content = {"float": litert.convert_float(network)}
    for name, composed in (("ptq-int8", True), ("ptq-int8 fused", False)):
        if composed or subnet.activation == "hard_silu":
            source = build_tf_keras_model(subnet, model, composed=composed)
            content[name] = litert.convert_int8(litert.without_scaling(source), calibration)
    if qat:
        content["qat-int8"] = litert.convert_int8(quantization_aware(litert.without_scaling(network)))
    latency = latencies({name: Runner(file, threads=THREADS) for name, file in content.items()}, shape)
    return {
        "parameters": model.count_params(),
        "threads": THREADS,
        "files": {name: {**sizes(file), "latency_ms": latency[name]} for name, file in content.items()},
    }


if __name__ == "__main__":
    run_script(main)
