"""Many base architectures as integer arrays, so that costs and operators work on all of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace
from scalenet_tf.space.rules import scaled_depth


@dataclass(frozen=True)
class EncodedBases:
    """Many base architectures as arrays.

    Attributes:
      depth: int64 [N, stages], the number of blocks in each stage.
      ops: int64 [N, stages, most blocks], indices into the stage's menu; values past the depth are ignored.
    """

    depth: np.ndarray
    ops: np.ndarray

    def __len__(self) -> int:
        return len(self.depth)

    def __getitem__(self, index: np.ndarray | slice) -> EncodedBases:
        return EncodedBases(self.depth[index], self.ops[index])


def encode(space: SearchSpace, bases: list[BaseArchitecture]) -> EncodedBases:
    """Converts bases to arrays."""
    most = max(stage.depth[1] for stage in space.stages)
    depth = np.array([[len(ops) for ops in base.stages] for base in bases], np.int64)
    ops = np.zeros((len(bases), len(space.stages), most), np.int64)
    for n, base in enumerate(bases):
        for s, blocks in enumerate(base.stages):
            for b, op in enumerate(blocks):
                ops[n, s, b] = space.stages[s].ops.index(op)
    return EncodedBases(depth.reshape(len(bases), len(space.stages)), ops)


def decode(space: SearchSpace, bases: EncodedBases) -> list[BaseArchitecture]:
    """The inverse of `encode`."""
    menus = [stage.ops for stage in space.stages]
    return [
        BaseArchitecture(
            stages=tuple(
                tuple(menu[o] for o in ops[:n]) for menu, n, ops in zip(menus, depth, rows, strict=True)
            )
        )
        for depth, rows in zip(bases.depth.tolist(), bases.ops.tolist(), strict=True)
    ]


def genotypes(bases: EncodedBases) -> list[bytes]:
    """Returns one value for each base; two are equal if and only if the bases are."""
    block = np.arange(bases.ops.shape[2])
    used = np.where(block < bases.depth[:, :, None], bases.ops, -1)
    return [row.tobytes() for row in used]


def new_only(bases: EncodedBases, seen: set[bytes]) -> EncodedBases:
    """Returns the bases that are not in `seen`, without duplicates, and adds them to `seen`."""
    kept = []
    for index, genotype in enumerate(genotypes(bases)):
        if genotype not in seen:
            seen.add(genotype)
            kept.append(index)
    return bases[np.array(kept, np.int64)]


def concatenate(parts: list[EncodedBases]) -> EncodedBases:
    """Joins several sets of bases into one."""
    return EncodedBases(
        np.concatenate([part.depth for part in parts]), np.concatenate([part.ops for part in parts])
    )


@dataclass(frozen=True)
class PlacedBlocks:
    """One block position of many bases at one scaling.

    Attributes:
      stage: The stage, from 0.
      first: Whether it is the stage's first block.
      ops: int64 [N], indices into the stage's menu.
      count: int64 [N], the number of such blocks in each network, which may be 0.
    """

    stage: int
    first: bool
    ops: np.ndarray
    count: np.ndarray


def placed_blocks(space: SearchSpace, bases: EncodedBases, scaling: Scaling) -> Iterator[PlacedBlocks]:
    """Walks over the blocks that many bases have at one scaling, position by position.

    Each stage gives its first block, then its later ones, then the copies of its last block that the depth
    multiplier adds; a multiplier below 1 drops the last blocks.
    """
    depths = _scaled_depths(space, scaling)
    for stage in range(len(space.stages)):
        depth, ops = bases.depth[:, stage], bases.ops[:, stage]
        scaled = depths[depth]
        yield PlacedBlocks(stage, True, ops[:, 0], np.ones(len(bases), np.int64))
        for block in range(1, int(depth.max(initial=1))):
            kept = (block < depth) & (block < scaled)
            yield PlacedBlocks(stage, False, ops[:, block], kept.astype(np.int64))
        last = np.take_along_axis(ops, (depth - 1)[:, None], axis=1)[:, 0]
        yield PlacedBlocks(stage, False, last, np.maximum(scaled - depth, 0))


def _scaled_depths(space: SearchSpace, scaling: Scaling) -> np.ndarray:
    """int64 [most blocks + 1]: the number of blocks that a stage of 0, 1, 2, … blocks has at a scaling."""
    most = max(stage.depth[1] for stage in space.stages)
    return np.array([scaled_depth(n, scaling.depth_thousandths) for n in range(most + 1)])
