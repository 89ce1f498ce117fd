"""Configurations of a run and training recipes: frozen values, read from YAML files."""

from scalenet_tf.config.data import AugmentationConfig as AugmentationConfig
from scalenet_tf.config.data import DataConfig as DataConfig
from scalenet_tf.config.ladder import LadderConfig as LadderConfig
from scalenet_tf.config.ladder import ScaleConfig as ScaleConfig
from scalenet_tf.config.load import CONFIG_NAMES as CONFIG_NAMES
from scalenet_tf.config.load import load_config as load_config
from scalenet_tf.config.load import override_config as override_config
from scalenet_tf.config.load import parse_config as parse_config
from scalenet_tf.config.load import parse_typed as parse_typed
from scalenet_tf.config.load_run import load_run_config as load_run_config
from scalenet_tf.config.members import MembersConfig as MembersConfig
from scalenet_tf.config.overrides import override_texts as override_texts
from scalenet_tf.config.recipe import RECIPE_NAMES as RECIPE_NAMES
from scalenet_tf.config.recipe import Recipe as Recipe
from scalenet_tf.config.recipe import check_start as check_start
from scalenet_tf.config.recipe_files import recipe_of as recipe_of
from scalenet_tf.config.recipe_files import stated as stated
from scalenet_tf.config.run_config import PlanConfig as PlanConfig
from scalenet_tf.config.run_config import RunConfig as RunConfig
from scalenet_tf.config.search import SearchConfig as SearchConfig
from scalenet_tf.config.sharing import UNSTATED as UNSTATED
from scalenet_tf.config.sharing import Sharing as Sharing
from scalenet_tf.config.supernet import SupernetConfig as SupernetConfig
