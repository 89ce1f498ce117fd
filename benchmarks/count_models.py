"""Checks the counts of multiply-adds and parameters against the built Keras models of random subnets.

python -m benchmarks.count_models --subnets 200
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import track

from benchmarks.common.options import Seed, Space, run_script
from scalenet_tf.costs.macs import Cost, cost
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet

if TYPE_CHECKING:
    import keras


def main(
    subnets: Annotated[int, typer.Option(min=1, help="Number of random subnets.")] = 200,
    space: Space = "paper",
    seed: Seed = 0,
) -> None:
    """Count random subnets in both ways; exit with 1 if a count differs.

    Example: python -m benchmarks.count_models --subnets 200 --space paper
    """
    import keras

    from scalenet_tf.models.plain import build_model

    found = load_space(space)
    wrong = 0
    for step in track(range(subnets), "building"):
        subnet = draw_subnet(found, seed, step).subnet
        keras.backend.clear_session()
        counted = count(build_model(subnet))
        if counted != cost(subnet):
            wrong += 1
            print(f"subnet {step} at {subnet.resolution} px: counted {counted}, expected {cost(subnet)}")
    print(f"{subnets - wrong} of {subnets} subnets of space {space!r} are counted exactly")
    raise typer.Exit(1 if wrong else 0)


def count(model: keras.Model) -> Cost:
    """Multiply-adds by the shapes of the layers' outputs and kernels, and trainable parameters."""
    macs = 0
    for layer in model.layers:
        if type(layer).__name__ in ("Conv2D", "DepthwiseConv2D"):
            macs += math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape)
        elif type(layer).__name__ == "Dense":
            macs += math.prod(layer.kernel.shape)
    return Cost(macs, sum(math.prod(weight.shape) for weight in model.trainable_weights))


if __name__ == "__main__":
    run_script(main)
