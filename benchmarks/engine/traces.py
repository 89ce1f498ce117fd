"""The number of graphs that are traced while random subnets train and are scored."""

from __future__ import annotations

from benchmarks.common.row import Progress, Row
from benchmarks.engine.sides import Dynamic, random_batch
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet

WARM_UP, FURTHER = 50, 500
# Small ones, for speed: like depth and width, the resolution is data to the graph.
RESOLUTIONS = (24, 31, 32, 40)


def trace_row(name: str, seed: int) -> list[Row]:
    """Traces of the step and the evaluator that are added after the warm-up."""
    space = load_space(name)
    dynamic = Dynamic.make(space, 2, seed)
    functions = [dynamic.step, *dynamic.evaluator.functions]
    progress = Progress(f"traces, {name}", (WARM_UP + FURTHER) // WARM_UP)
    counts = []
    for number in range(WARM_UP + FURTHER):
        resolution = RESOLUTIONS[number % len(RESOLUTIONS)]
        drawn = draw_subnet(space, seed, number).subnet
        subnet = drawn.model_copy(update={"resolution": resolution})
        batch = random_batch(space, resolution, 2 + number % 2, seed)
        dynamic.training(subnet, batch)()
        if number % 10 == 0:
            dynamic.forward(subnet, batch)()
        if (number + 1) % WARM_UP == 0:
            counts.append(sum(function.experimental_get_tracing_count() for function in functions))
            progress.advance(f"{counts[-1]} traces")
    more = counts[-1] - counts[0]
    what = f"further traces in {FURTHER} subnets after {WARM_UP}, {name}"
    note = f"{counts[-1]} in all: a step, statistics, logits"
    return [Row(what, 0, more, note=note, detail={"traces_after_each_50": counts})]
