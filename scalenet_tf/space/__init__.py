"""The search space as frozen values that convert to and from JSON: ops, stages, scalings and budgets."""

from scalenet_tf.space.architectures import Activation, BaseArchitecture, Subnet, SubnetStage
from scalenet_tf.space.budget import Budget, Range
from scalenet_tf.space.criteria import Constraint, Criteria, Objective
from scalenet_tf.space.op import Op
from scalenet_tf.space.scaling import scale
from scalenet_tf.space.search_space import Menu, Scaling, SearchSpace, Stage

__all__ = [
    "Activation",
    "BaseArchitecture",
    "Budget",
    "Constraint",
    "Criteria",
    "Menu",
    "Objective",
    "Op",
    "Range",
    "Scaling",
    "SearchSpace",
    "Stage",
    "Subnet",
    "SubnetStage",
    "scale",
]
