"""The family that the authors published: one base at six scalings of the paper's space.

It does not keep the budget of the space: S1 to S4 are 7 to 15 % above 2^s times S0's multiply-adds, S5 is 4 %
below.
"""

from __future__ import annotations

from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.presets.spaces import load_space
from scalenet_tf.space import BaseArchitecture, Op, Scaling, Subnet
from scalenet_tf.space.scaling import scale

# Kernel sizes of the blocks of each stage; expansion 1 in the first stage, squeeze-excite in all.
_KERNELS = ((5,), (5,), (7, 7, 5, 3), (5, 5), (7, 7), (7, 5, 7), (5,))

BASE = BaseArchitecture(
    stages=tuple(
        tuple(Op(kernel=kernel, expansion=6 if stage else 1) for kernel in kernels)
        for stage, kernels in enumerate(_KERNELS)
    )
)
SCALINGS = {
    "s0": Scaling.of("1.00", "1.00", 224),
    "s1": Scaling.of("1.04", "1.04", 256),
    "s2": Scaling.of("1.36", "1.20", 304),
    "s3": Scaling.of("1.40", "1.40", 354),
    "s4": Scaling.of("1.653", "1.534", 457),
    "s5": Scaling.of("1.848", "1.688", 533),
}
MEMBERS = tuple(SCALINGS)


def published_member(name: str, *, channels: int = 3, classes: int = 1000) -> Subnet:
    """A member of the published family.

    Args:
      name: "s0" to "s5".
      channels: Channels of the images, at least 1.
      classes: Number of classes, at least 2.

    Returns:
      The realised network, for `scalenet_tf.build_model` or `scalenet_tf.costs.macs.cost`.

    Raises:
      ScaleNetError: If there is no such member.

    Example:
      >>> published_member("s3").resolution
      354
    """
    if name not in SCALINGS:
        raise InvalidInputError(
            f"`name` must be one of {list(MEMBERS)}. Received: {name!r}.{nearest(str(name).lower(), MEMBERS)}"
        )
    return scale(load_space("paper").for_data(channels, classes), BASE, SCALINGS[name])
