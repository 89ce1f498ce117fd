"""Which weights of the super-supernet of MIXED a subnet uses, worked out from the architecture alone."""

from __future__ import annotations

import numpy as np

from scalenet_tf.config import Sharing
from scalenet_tf.space import Subnet
from tests.helpers.networks import MIXED


def used_parts(subnet: Subnet, sharing: Sharing = "op") -> dict[str, np.ndarray]:
    """A mask of what `subnet` uses, broadcastable to the weight, by the weight's path."""
    masks = {}
    in_max, in_width = 9, subnet.stem_width  # ceil(6 * 1.5)
    masks["stem/kernel"] = _channels(in_width, in_max)[None, None, None, None]
    masks["stem_bn/gamma_beta"] = _channels(in_width, in_max)[None, None]
    for s, (stage, out_max) in enumerate(zip(subnet.stages, (8, 12), strict=True)):
        menu = MIXED.stages[s].ops
        most, side = max(op.expansion for op in menu), max(op.kernel for op in menu)
        for part, slots in ("first", 1), ("rest", (3, 5)[s] - 1):
            name, rows = f"stage{s}_{part}", slots * (len(menu) if sharing == "op" else 1)
            hidden_max = in_max * most
            hidden = np.zeros((rows, hidden_max), bool)
            squeezed = np.zeros((rows, hidden_max // 4), bool)
            gated = np.zeros((rows, hidden_max), bool)
            active = np.zeros(rows, bool)
            kernel = np.zeros((rows, side, side), bool)
            ops = stage.ops[:1] if part == "first" else stage.ops[1:]
            for slot, op in enumerate(ops):
                row = slot * len(menu) + menu.index(op) if sharing == "op" else slot
                # A row of one op stores zeros beyond its kernel, and counts them as used.
                width, edge = in_width * op.expansion, (side - op.kernel) // 2 if sharing == "slot" else 0
                active[row] = True
                hidden[row, :width] = True
                kernel[row, edge : side - edge, edge : side - edge] = True
                if op.squeeze_excite:
                    gated[row, :width] = True
                    squeezed[row, : max(1, width // 4)] = True
            into = active[:, None] & _channels(in_width, in_max)
            out = active[:, None] & _channels(stage.width, out_max)
            if most > 1:
                masks[f"{name}/expand/kernel"] = (into[:, :, None] & hidden[:, None])[:, None, None]
                masks[f"{name}/expand_bn/gamma_beta"] = hidden[:, None]
            masks[f"{name}/depthwise/kernel"] = kernel[..., None] & hidden[:, None, None]
            masks[f"{name}/depthwise_bn/gamma_beta"] = hidden[:, None]
            gate = f"{name}/squeeze_excite"
            masks[f"{gate}/squeeze/kernel"] = gated[:, :, None] & squeezed[:, None]
            masks[f"{gate}/squeeze/bias"] = squeezed
            masks[f"{gate}/excite/kernel"] = squeezed[:, :, None] & gated[:, None]
            masks[f"{gate}/excite/bias"] = gated
            masks[f"{name}/project/kernel"] = (hidden[:, :, None] & out[:, None])[:, None, None]
            masks[f"{name}/project_bn/gamma_beta"] = out[:, None]
            in_max, in_width = out_max, stage.width
    masks["head/kernel"] = _channels(in_width, in_max)[None, None, None, :, None]
    for path in ("head_bn/gamma_beta", "classifier/kernel", "classifier/bias"):
        masks[path] = np.array(True)
    return masks


def _channels(count: int, total: int) -> np.ndarray:
    return np.arange(total) < count
