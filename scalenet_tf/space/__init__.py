"""What can be searched: ops, stages, scalings, budgets; frozen values that go to JSON and back."""

from scalenet_tf.space.budget import Budget, Range
from scalenet_tf.space.criteria import Constraint, Criteria, Objective
from scalenet_tf.space.op import Op
from scalenet_tf.space.scaling import scale
from scalenet_tf.space.search_space import (
    Activation,
    BaseArchitecture,
    Menu,
    Scaling,
    SearchSpace,
    Stage,
    Subnet,
    SubnetStage,
)

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
