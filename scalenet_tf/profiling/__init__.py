"""Measurements on this device: blocks, members and their runtimes. Importing it imports no runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.profiling.blocks import profile_blocks as profile_blocks
    from scalenet_tf.profiling.members import profile_members as profile_members

_HOMES = {
    "profile_blocks": "blocks",
    "profile_members": "members",
}
__all__ = ["profile_blocks", "profile_members"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
