"""The choices for sharing weights between the super-supernet's blocks, and the one that early runs used."""

from __future__ import annotations

from typing import Literal

# "op": each (slot, op) has weights of its own, as in the paper's released code. "slot": all ops of a slot use
# parts of one set of weights. A slot is a position in a stage of the network.
Sharing = Literal["op", "slot"]
# A run, a checkpoint or a super-supernet that does not state its sharing is older than the choice.
UNSTATED: Sharing = "op"
