"""The networks of NAS-Bench-Macro that our space language expresses, with their trained accuracies."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import BaseArchitecture, SearchSpace, Subnet
from scalenet_tf.space.block_op import BlockOp
from scalenet_tf.space.scaling import scale

SPACE = Path(__file__).with_name("space.yaml")
SOURCE = "https://github.com/xiusu/NAS-Bench-Macro (data/nas-bench-macro_cifar10.json, Apache-2.0)"
CODES = 6561
_SLOTS = (2, 3, 3)  # blocks of each stage in a code


def bench_space() -> SearchSpace:
    """The space whose networks are in the table."""
    return SearchSpace.model_validate(yaml.safe_load(SPACE.read_text()))


def code_of(base: BaseArchitecture, space: SearchSpace) -> str:
    """Code of a network in the table: a digit for each block, 0 for one that is not there."""
    digits = [
        "".join(str(1 + list(stage.ops).index(op)) for op in ops).ljust(slots, "0")
        for ops, stage, slots in zip(base.stages, space.stages, _SLOTS, strict=True)
    ]
    return "".join(digits)


@dataclass(frozen=True)
class Network:
    """A network of the table.

    Attributes:
      base: The network in our space.
      accuracies: Test accuracies of three trainings, 0 to 1.
      parameters: Trainable parameters that the table states.
      macs: Multiply-adds that the table states.
    """

    base: BaseArchitecture
    accuracies: tuple[float, ...]
    parameters: int
    macs: int


@dataclass(frozen=True)
class Table:
    """The table.

    Attributes:
      space: Space of the networks.
      networks: The networks that the space expresses, in the order of its bases.
      all_means: Mean accuracy of each of the table's codes, sorted, float64 [codes].
      digest: SHA-256 of the file.
    """

    space: SearchSpace
    networks: tuple[Network, ...]
    all_means: np.ndarray
    digest: str

    @cached_property
    def means(self) -> np.ndarray:
        """Mean accuracy of each network, float64 [networks]."""
        return np.array([np.mean(network.accuracies) for network in self.networks])

    @cached_property
    def rank(self) -> np.ndarray:
        """Rank of each network among those of the space by its mean, 1 for the best, int [networks]."""
        return 1 + np.array([int((self.means > mean).sum()) for mean in self.means])

    @cached_property
    def rank_of_all(self) -> np.ndarray:
        """Rank of each network's mean among all codes of the table, 1 for the best, int [networks]."""
        above = len(self.all_means) - np.searchsorted(self.all_means, self.means, side="right")
        return 1 + above


def read_table(path: Path) -> Table:
    """Reads the table.

    Args:
      path: The file nas-bench-macro_cifar10.json.

    Raises:
      ScaleNetError: If it is not that file.
    """
    try:
        content = path.read_bytes()
        rows = json.loads(content)
        space = bench_space()
        bases = [BaseArchitecture(stages=stages) for stages in _all_stages(space)]
        networks = tuple(_network(base, rows[code_of(base, space)]) for base in bases)
        means = np.sort([np.mean(_accuracies(row)) for row in rows.values()])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ScaleNetError(
            f"`table` must be the file of NAS-Bench-Macro, {SOURCE}. Received: {str(path)!r} ({error!r:.100})"
        ) from error
    if len(rows) != CODES:
        raise ScaleNetError(f"`table` must hold {CODES:,} networks. Received: {len(rows):,} in {str(path)!r}")
    return Table(space, networks, means, hashlib.sha256(content).hexdigest())


def _all_stages(space: SearchSpace) -> list[tuple[tuple[BlockOp, ...], ...]]:
    stages = [
        [ops for depth in range(low, high + 1) for ops in itertools.product(stage.ops, repeat=depth)]
        for stage in space.stages
        for low, high in [stage.depth]
    ]
    return list(itertools.product(*stages))


def _network(base: BaseArchitecture, row: dict[str, Any]) -> Network:
    return Network(base, _accuracies(row), int(row["params"]), int(row["flops"]))


def _accuracies(row: dict[str, Any]) -> tuple[float, ...]:
    return tuple(value / 100 for value in row["test_acc"])


def subnet_of(space: SearchSpace, base: BaseArchitecture) -> Subnet:
    """The network that is built of a base of the space."""
    return scale(space, base, space.menus[0].scalings()[0])
