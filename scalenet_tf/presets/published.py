"""The family that the authors' code searched, as values: one base at six scalings of the paper's space.

A published family is data: it keeps no budget. S1 to S4 lie 7 to 15 % above 2^s times S0's
multiply-adds, S5 lies 4 % below.
"""

from __future__ import annotations

from scalenet_tf.errors import ScaleNetError, nearest
from scalenet_tf.presets.spaces import load_space
from scalenet_tf.space import BaseArchitecture, Op, Scaling, Subnet
from scalenet_tf.space.scaling import scale

# Per stage the kernel sizes of its blocks; expansion 1 in the first stage, squeeze-excite everywhere.
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


def family(name: str, *, channels: int = 3, classes: int = 1000) -> Subnet:
    """A member of the published family.

    Args:
      name: "s0" to "s5".
      channels: Of its images, at least 1.
      classes: At least 2.

    Returns:
      The realised network: `scalenet_tf.build_model` builds it, `scalenet_tf.costs.macs.cost` counts it.

    Raises:
      ScaleNetError: for an unknown name.

    Example:
      >>> family("s3").resolution
      354
    """
    if name not in SCALINGS:
        raise ScaleNetError(
            f"`name` must be one of {list(MEMBERS)}. Received: {name!r}.{nearest(str(name).lower(), MEMBERS)}"
        )
    return scale(load_space("paper").for_data(channels, classes), BASE, SCALINGS[name])
