"""Configurations of a run and training recipes: frozen values, read from YAML files."""

from scalenet_tf.config.data import AugmentationConfig, DataConfig
from scalenet_tf.config.ladder import LadderConfig, ScaleConfig
from scalenet_tf.config.load import (
    CONFIG_NAMES,
    load_config,
    override_config,
    parse_config,
    parse_typed,
    update_config,
)
from scalenet_tf.config.load_run import load_run_config
from scalenet_tf.config.members import MembersConfig
from scalenet_tf.config.overrides import override_texts
from scalenet_tf.config.proposal import proposed_config
from scalenet_tf.config.recipe import (
    FORMER_RECIPES,
    RECIPE_NAMES,
    Recipe,
    check_class_weights,
    check_start,
)
from scalenet_tf.config.recipe_files import recipe_name, recipe_of, stated
from scalenet_tf.config.run_config import RunConfig
from scalenet_tf.config.search import SearchConfig
from scalenet_tf.config.sharing import UNSTATED, Sharing
from scalenet_tf.config.supernet import SupernetConfig
from scalenet_tf.config.task import Task

__all__ = [
    "CONFIG_NAMES",
    "FORMER_RECIPES",
    "RECIPE_NAMES",
    "UNSTATED",
    "AugmentationConfig",
    "DataConfig",
    "LadderConfig",
    "MembersConfig",
    "Recipe",
    "RunConfig",
    "ScaleConfig",
    "SearchConfig",
    "Sharing",
    "SupernetConfig",
    "Task",
    "check_class_weights",
    "check_start",
    "load_config",
    "load_run_config",
    "override_config",
    "override_texts",
    "parse_config",
    "parse_typed",
    "proposed_config",
    "recipe_name",
    "recipe_of",
    "stated",
    "update_config",
]
