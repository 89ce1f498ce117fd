"""ScaleNet-TF: search a base image model and the strategy that scales it, then train and serve the family.

Every public name is imported on first use, so that `import scalenet_tf` stays quick and loads no
TensorFlow. The steps of the main job are the functions of `scalenet_tf.steps`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from scalenet_tf.config import RunConfig as RunConfig
    from scalenet_tf.config import load_config as load_config
    from scalenet_tf.errors import ConnectionLostError as ConnectionLostError
    from scalenet_tf.errors import DamagedFileError as DamagedFileError
    from scalenet_tf.errors import DivergedError as DivergedError
    from scalenet_tf.errors import InvalidInputError as InvalidInputError
    from scalenet_tf.errors import NotReadyError as NotReadyError
    from scalenet_tf.errors import ScaleNetError as ScaleNetError
    from scalenet_tf.members import evaluate_member as evaluate_member
    from scalenet_tf.members import predict_member as predict_member
    from scalenet_tf.models.plain import build_model as build_model
    from scalenet_tf.models.supernet import SuperSupernet as SuperSupernet
    from scalenet_tf.presets import load_space as load_space
    from scalenet_tf.report import family_rows as family_rows
    from scalenet_tf.run import Run as Run
    from scalenet_tf.sampling import draw_subnet as draw_subnet
    from scalenet_tf.search.best import best_of_stage as best_of_stage
    from scalenet_tf.space import BaseArchitecture as BaseArchitecture
    from scalenet_tf.space import Scaling as Scaling
    from scalenet_tf.space import SearchSpace as SearchSpace
    from scalenet_tf.space import Subnet as Subnet
    from scalenet_tf.space.scaling import scale as scale
    from scalenet_tf.utils.log import enable_logging as enable_logging

_HOMES = {
    "BaseArchitecture": "space",
    "ConnectionLostError": "errors",
    "DamagedFileError": "errors",
    "DivergedError": "errors",
    "InvalidInputError": "errors",
    "NotReadyError": "errors",
    "Run": "run",
    "RunConfig": "config",
    "ScaleNetError": "errors",
    "Scaling": "space",
    "SearchSpace": "space",
    "Subnet": "space",
    "SuperSupernet": "models.supernet",
    "best_of_stage": "search.best",
    "build_model": "models.plain",
    "draw_subnet": "sampling",
    "enable_logging": "utils.log",
    "evaluate_member": "members",
    "family_rows": "report",
    "load_config": "config",
    "load_space": "presets",
    "predict_member": "members",
    "scale": "space.scaling",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
