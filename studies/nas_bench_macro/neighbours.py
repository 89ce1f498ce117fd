"""One-edit neighbours of the networks: another op in a block, or one block more or less at a stage's end."""

from __future__ import annotations

from collections.abc import Iterator

from scalenet_tf.space import BaseArchitecture
from scalenet_tf.space.block_op import BlockOp
from studies.nas_bench_macro.table import Table


def neighbours(table: Table) -> list[list[int]]:
    """Numbers of the neighbours of each network."""
    numbers = {network.base: number for number, network in enumerate(table.networks)}
    return [[numbers[base] for base in _edits(table, network.base)] for network in table.networks]


def _edits(table: Table, base: BaseArchitecture) -> Iterator[BaseArchitecture]:
    for index, (ops, stage) in enumerate(zip(base.stages, table.space.stages, strict=True)):
        low, high = stage.depth
        changed: list[tuple[BlockOp, ...]] = [
            (*ops[:block], op, *ops[block + 1 :])
            for block in range(len(ops))
            for op in stage.ops
            if op != ops[block]
        ]
        if len(ops) > low:
            changed.append(ops[:-1])
        if len(ops) < high:
            changed += [(*ops, op) for op in stage.ops]
        for new in changed:
            yield BaseArchitecture(stages=(*base.stages[:index], new, *base.stages[index + 1 :]))
