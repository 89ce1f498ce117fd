"""Many base architectures as integer arrays, so that costs and operators work on all of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.space import BaseArchitecture, SearchSpace


@dataclass(frozen=True)
class EncodedBases:
    """Many base architectures as arrays.

    Attributes:
      depth: int64 [N, stages], the blocks of each stage.
      ops: int64 [N, stages, most blocks], indices into the stage's menu; past the depth they are
        ignored.
    """

    depth: np.ndarray
    ops: np.ndarray

    def __len__(self) -> int:
        return len(self.depth)

    def __getitem__(self, index: np.ndarray | slice) -> EncodedBases:
        return EncodedBases(self.depth[index], self.ops[index])


def encode(space: SearchSpace, bases: list[BaseArchitecture]) -> EncodedBases:
    """Bases as arrays."""
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
    """One value for each base, equal if and only if the bases are."""
    block = np.arange(bases.ops.shape[2])
    used = np.where(block < bases.depth[:, :, None], bases.ops, -1)
    return [row.tobytes() for row in used]


def new_only(bases: EncodedBases, seen: set[bytes]) -> EncodedBases:
    """The bases that are not in `seen`, each once; adds them to it."""
    kept = []
    for index, genotype in enumerate(genotypes(bases)):
        if genotype not in seen:
            seen.add(genotype)
            kept.append(index)
    return bases[np.array(kept, np.int64)]


def concatenate(parts: list[EncodedBases]) -> EncodedBases:
    """One array of bases out of several."""
    return EncodedBases(
        np.concatenate([part.depth for part in parts]), np.concatenate([part.ops for part in parts])
    )
