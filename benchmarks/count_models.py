"""Counts multiply-adds and parameters of random subnets from their built Keras models.

python -m benchmarks.count_models --subnets 200
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import track

from scalenet_tf.costs.macs import Cost, cost
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet

if TYPE_CHECKING:
    import keras


def main(
    subnets: Annotated[int, typer.Option(help="how many random subnets", min=1)] = 200,
    space: Annotated[str, typer.Option(help="paper, medium, small or a YAML file")] = "paper",
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Exits with 1 where a count differs from the built model's.

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
    """Multiply-adds from the layers' own output shapes and kernels, and trainable parameters."""
    macs = 0
    for layer in model.layers:
        if type(layer).__name__ in ("Conv2D", "DepthwiseConv2D"):
            macs += math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape)
        elif type(layer).__name__ == "Dense":
            macs += math.prod(layer.kernel.shape)
    return Cost(macs, sum(math.prod(weight.shape) for weight in model.trainable_weights))


if __name__ == "__main__":
    typer.run(main)
