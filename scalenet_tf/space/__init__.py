"""The search space as frozen values that convert to and from JSON: ops, stages, scalings and budgets."""

from scalenet_tf.space.architectures import Activation, BaseArchitecture, Subnet, SubnetStage
from scalenet_tf.space.block_layers import Conv, Depthwise, SqueezeExcite
from scalenet_tf.space.block_op import BlockOp
from scalenet_tf.space.budget import Budget, Range
from scalenet_tf.space.criteria import Constraint, Criteria, Objective
from scalenet_tf.space.fused_mbconv import FusedMBConv
from scalenet_tf.space.op import Op
from scalenet_tf.space.residual import Residual
from scalenet_tf.space.scaling import scale
from scalenet_tf.space.search_space import Menu, Scaling, SearchSpace, Stage

__all__ = [
    "Activation",
    "BaseArchitecture",
    "BlockOp",
    "Budget",
    "Constraint",
    "Conv",
    "Criteria",
    "Depthwise",
    "FusedMBConv",
    "Menu",
    "Objective",
    "Op",
    "Range",
    "Residual",
    "Scaling",
    "SearchSpace",
    "SqueezeExcite",
    "Stage",
    "Subnet",
    "SubnetStage",
    "scale",
]
