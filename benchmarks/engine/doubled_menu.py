"""A step of the smallest subnet in a super-supernet of twice the width and depth."""

from __future__ import annotations

from benchmarks.common.row import Progress, Row
from benchmarks.engine.ratios import alternate
from benchmarks.engine.sides import Dynamic, random_batch
from scalenet_tf.presets import load_space
from scalenet_tf.sampling.smallest_largest import smallest_subnet
from scalenet_tf.space import SearchSpace


def doubled_menu_row(name: str, batch_size: int, pairs: int, seed: int) -> list[Row]:
    """The time of a step of the smallest subnet with the doubled menu, relative to the menu as it is."""
    space = load_space(name)
    progress = Progress("doubled menu", 2)
    subnet = smallest_subnet(space, scaling_stage=0)
    batch = random_batch(space, subnet.resolution, batch_size, seed)
    sides = {}
    for side, own in {"doubled": doubled(space), "as_it_is": space}.items():
        sides[side] = Dynamic.make(own, batch_size, seed).training(subnet, batch)
        sides[side]()
        progress.advance(f"{side}: traced")
    found = alternate(sides, pairs)
    note = f"{found['doubled_ms']:.0f} ms to {found['as_it_is_ms']:.0f} ms; CPU time {found['cpu_ratio']:.2f}"
    what = f"step of the smallest subnet, {name}: doubled largest width and depth / as they are"
    return [Row(what, 1.10, found["ratio"], note=note, detail=found)]


def doubled(space: SearchSpace) -> SearchSpace:
    """The space with twice the largest depth and width multiplier added to its last menu."""
    last = space.menus[-1]
    depth = 2 * max(d for menu in space.menus for d in menu.depth)
    width = 2 * max(w for menu in space.menus for w in menu.width)
    menu = last.model_copy(update={"depth": (*last.depth, depth), "width": (*last.width, width)})
    return space.model_copy(update={"name": f"{space.name}, doubled", "menus": (*space.menus[:-1], menu)})
