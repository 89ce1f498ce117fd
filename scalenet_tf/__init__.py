"""ScaleNet-TF: search a base image model and the strategy that scales it, then train and serve the family.

Every public name is imported on first use, so that `import scalenet_tf` stays quick and loads no
TensorFlow. When a name does, the lines of TensorFlow's C++ side are dropped, unless TF_CPP_MIN_LOG_LEVEL is 0
or 1. The steps of the main job are the functions of `scalenet_tf.steps`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

__version__ = "0.1.0"

if TYPE_CHECKING:
    from scalenet_tf import presets as presets
    from scalenet_tf import steps as steps
    from scalenet_tf.api import FamilyMember as FamilyMember
    from scalenet_tf.api import TrainedFamily as TrainedFamily
    from scalenet_tf.api import forecast_family as forecast_family
    from scalenet_tf.api import model_from_hyperparameters as model_from_hyperparameters
    from scalenet_tf.api import open_family as open_family
    from scalenet_tf.api import search_family as search_family
    from scalenet_tf.api import tuner as tuner
    from scalenet_tf.compress import compress_member as compress_member
    from scalenet_tf.config import RunConfig as RunConfig
    from scalenet_tf.config import load_config as load_config
    from scalenet_tf.costs import cost as cost
    from scalenet_tf.costs import peak_memory as peak_memory
    from scalenet_tf.errors import ConnectionLostError as ConnectionLostError
    from scalenet_tf.errors import DamagedFileError as DamagedFileError
    from scalenet_tf.errors import DivergedError as DivergedError
    from scalenet_tf.errors import InvalidInputError as InvalidInputError
    from scalenet_tf.errors import NotReadyError as NotReadyError
    from scalenet_tf.errors import ScaleNetError as ScaleNetError
    from scalenet_tf.export import evaluate_file as evaluate_file
    from scalenet_tf.export import export_member as export_member
    from scalenet_tf.members import MemberTraining as MemberTraining
    from scalenet_tf.members import evaluate_member as evaluate_member
    from scalenet_tf.members import load_member as load_member
    from scalenet_tf.members import predict_member as predict_member
    from scalenet_tf.members import train_member as train_member
    from scalenet_tf.members import transfer_member as transfer_member
    from scalenet_tf.models import SubnetEvaluator as SubnetEvaluator
    from scalenet_tf.models import SuperSupernet as SuperSupernet
    from scalenet_tf.models import build_model as build_model
    from scalenet_tf.models import copy_weights as copy_weights
    from scalenet_tf.presets import load_space as load_space
    from scalenet_tf.report import family_rows as family_rows
    from scalenet_tf.run import Family as Family
    from scalenet_tf.run import Format as Format
    from scalenet_tf.run import Member as Member
    from scalenet_tf.run import Metrics as Metrics
    from scalenet_tf.run import Run as Run
    from scalenet_tf.run import SearchResult as SearchResult
    from scalenet_tf.sampling import draw_subnet as draw_subnet
    from scalenet_tf.search import best_of_stage as best_of_stage
    from scalenet_tf.space import BaseArchitecture as BaseArchitecture
    from scalenet_tf.space import Budget as Budget
    from scalenet_tf.space import Constraint as Constraint
    from scalenet_tf.space import Criteria as Criteria
    from scalenet_tf.space import Menu as Menu
    from scalenet_tf.space import Objective as Objective
    from scalenet_tf.space import Op as Op
    from scalenet_tf.space import Range as Range
    from scalenet_tf.space import Scaling as Scaling
    from scalenet_tf.space import SearchSpace as SearchSpace
    from scalenet_tf.space import Stage as Stage
    from scalenet_tf.space import Subnet as Subnet
    from scalenet_tf.space import scale as scale
    from scalenet_tf.tracking import RunCallback as RunCallback
    from scalenet_tf.training import load_supernet as load_supernet
    from scalenet_tf.training import train_supernet as train_supernet
    from scalenet_tf.utils.log import enable_logging as enable_logging

# Module of each name; "" for a module of this package.
_HOMES = {
    "BaseArchitecture": "space",
    "Budget": "space",
    "ConnectionLostError": "errors",
    "Constraint": "space",
    "Criteria": "space",
    "DamagedFileError": "errors",
    "DivergedError": "errors",
    "Family": "run",
    "FamilyMember": "api",
    "Format": "run",
    "InvalidInputError": "errors",
    "Member": "run",
    "MemberTraining": "members",
    "Menu": "space",
    "Metrics": "run",
    "NotReadyError": "errors",
    "Objective": "space",
    "Op": "space",
    "Range": "space",
    "Run": "run",
    "RunCallback": "tracking",
    "RunConfig": "config",
    "ScaleNetError": "errors",
    "Scaling": "space",
    "SearchResult": "run",
    "SearchSpace": "space",
    "Stage": "space",
    "Subnet": "space",
    "SubnetEvaluator": "models",
    "SuperSupernet": "models",
    "TrainedFamily": "api",
    "best_of_stage": "search",
    "build_model": "models",
    "compress_member": "compress",
    "copy_weights": "models",
    "cost": "costs",
    "draw_subnet": "sampling",
    "enable_logging": "utils.log",
    "evaluate_file": "export",
    "evaluate_member": "members",
    "export_member": "export",
    "family_rows": "report",
    "forecast_family": "api",
    "load_config": "config",
    "load_member": "members",
    "load_space": "presets",
    "load_supernet": "training",
    "model_from_hyperparameters": "api",
    "open_family": "api",
    "peak_memory": "costs",
    "predict_member": "members",
    "presets": "",
    "scale": "space",
    "search_family": "api",
    "steps": "",
    "train_member": "members",
    "train_supernet": "training",
    "transfer_member": "members",
    "tuner": "api",
}
__all__ = [
    "BaseArchitecture",
    "Budget",
    "ConnectionLostError",
    "Constraint",
    "Criteria",
    "DamagedFileError",
    "DivergedError",
    "Family",
    "FamilyMember",
    "Format",
    "InvalidInputError",
    "Member",
    "MemberTraining",
    "Menu",
    "Metrics",
    "NotReadyError",
    "Objective",
    "Op",
    "Range",
    "Run",
    "RunCallback",
    "RunConfig",
    "ScaleNetError",
    "Scaling",
    "SearchResult",
    "SearchSpace",
    "Stage",
    "Subnet",
    "SubnetEvaluator",
    "SuperSupernet",
    "TrainedFamily",
    "best_of_stage",
    "build_model",
    "compress_member",
    "copy_weights",
    "cost",
    "draw_subnet",
    "enable_logging",
    "evaluate_file",
    "evaluate_member",
    "export_member",
    "family_rows",
    "forecast_family",
    "load_config",
    "load_member",
    "load_space",
    "load_supernet",
    "model_from_hyperparameters",
    "open_family",
    "peak_memory",
    "predict_member",
    "presets",
    "scale",
    "search_family",
    "steps",
    "train_member",
    "train_supernet",
    "transfer_member",
    "tuner",
]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
