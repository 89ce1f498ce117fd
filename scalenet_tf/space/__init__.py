"""What can be searched: ops, stages, scalings, budgets; frozen values that go to JSON and back."""

from scalenet_tf.space.budget import Budget as Budget
from scalenet_tf.space.budget import Range as Range
from scalenet_tf.space.op import Op as Op
from scalenet_tf.space.search_space import Activation as Activation
from scalenet_tf.space.search_space import BaseArchitecture as BaseArchitecture
from scalenet_tf.space.search_space import Menu as Menu
from scalenet_tf.space.search_space import Scaling as Scaling
from scalenet_tf.space.search_space import SearchSpace as SearchSpace
from scalenet_tf.space.search_space import Stage as Stage
from scalenet_tf.space.search_space import Subnet as Subnet
from scalenet_tf.space.search_space import SubnetStage as SubnetStage
