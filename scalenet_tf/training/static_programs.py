"""A training step for compilers that need static shapes, such as a TPU's: one program per static shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.models.subnet_code import StaticShape, SubnetCode, static_shapes
from scalenet_tf.space import SearchSpace

# Runs on one replica: (images, labels, code, …) -> tensors.
ReplicaFunction = Callable[..., Any]
Say = Callable[[str], None]


def wants_static_shapes(strategy: tf.distribute.Strategy) -> bool:
    """Whether the devices of a strategy only run compiled programs."""
    return isinstance(strategy, tf.distribute.TPUStrategy)


class StaticPrograms:
    """Runs a replica's function under XLA, compiled once for each (widths, resolution) that occurs.

    Depth and ops stay data, so that the number of programs is at most that of pairs of widths and resolution
    in the menus.

    Args:
      function: Function that each replica applies to its part of a batch. The widths of the SubnetCode that
        it receives are Python integers.
      strategy: Strategy to run it in.
      space: Space of the subnets.
      say: Called with a message before a program is compiled, which can take minutes.

    Raises:
      ScaleNetError: If the strategy has several replicas that are no TPU's: their reduction has no compiled
        form.

    Attributes:
      most: Number of programs that all subnets of the space need.

    Example:
      >>> programs = StaticPrograms(replica_step, strategy, space)
      >>> result = programs(images, labels, encode_subnet(space, subnet), rate)
      >>> programs.count
      1
    """

    def __init__(
        self,
        function: ReplicaFunction,
        strategy: tf.distribute.Strategy,
        space: SearchSpace,
        say: Say = lambda text: None,
    ):
        replicas = strategy.num_replicas_in_sync
        if replicas > 1 and not wants_static_shapes(strategy):
            raise InvalidInputError(
                f"`static` steps run on one replica, or on a TPU's. Received: {replicas} replicas of "
                f"{type(strategy).__name__}. Leave `static` out, or take one device."
            )
        self.most = len(static_shapes(space))
        self._function, self._strategy, self._say = function, strategy, say
        self._programs: dict[StaticShape, Callable[..., Any]] = {}

    @property
    def count(self) -> int:
        """Number of programs compiled so far."""
        return len(self._programs)

    def __call__(self, images: Any, labels: Any, code: SubnetCode, *more: Any) -> Any:
        """Runs the function on all replicas; returns what `Strategy.run` returns."""
        widths = tuple(int(width) for width in code.widths)
        [images_of_one, *_] = self._strategy.experimental_local_results(images)
        shape = StaticShape(widths, images_of_one.shape[1])
        if shape not in self._programs:
            self._say(
                f"super-supernet: compiling program {self.count + 1} of at most {self.most}, for "
                f"{shape.resolution} px and {widths[-1]} channels in the last stage"
            )
            self._programs[shape] = self._program(widths)
        return self._programs[shape](images, labels, code.depth, code.ops, *more)

    def _program(self, widths: tuple[int, ...]) -> Callable[..., Any]:
        def on_replica(images: tf.Tensor, labels: tf.Tensor, depth: Any, ops: Any, *more: Any) -> Any:
            return self._function(images, labels, SubnetCode(widths, depth, ops), *more)

        # TPUStrategy compiles by itself what it runs.
        @tf.function(autograph=False, jit_compile=None if wants_static_shapes(self._strategy) else True)
        def program(*arguments: Any) -> Any:
            return self._strategy.run(on_replica, args=arguments)

        return program
