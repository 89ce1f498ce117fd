"""Configurations of a run and training recipes: values, shipped YAML files, or files of one's own."""

from scalenet_tf.config.config import CONFIG_NAMES as CONFIG_NAMES
from scalenet_tf.config.config import AugmentationConfig as AugmentationConfig
from scalenet_tf.config.config import DataConfig as DataConfig
from scalenet_tf.config.config import LadderConfig as LadderConfig
from scalenet_tf.config.config import MembersConfig as MembersConfig
from scalenet_tf.config.config import PlanConfig as PlanConfig
from scalenet_tf.config.config import RunConfig as RunConfig
from scalenet_tf.config.config import ScaleConfig as ScaleConfig
from scalenet_tf.config.config import SearchConfig as SearchConfig
from scalenet_tf.config.config import SupernetConfig as SupernetConfig
from scalenet_tf.config.config import load_config as load_config
from scalenet_tf.config.config import override_config as override_config
from scalenet_tf.config.config import override_texts as override_texts
from scalenet_tf.config.config import parse_config as parse_config
from scalenet_tf.config.config import parse_typed as parse_typed
from scalenet_tf.config.recipe import RECIPE_NAMES as RECIPE_NAMES
from scalenet_tf.config.recipe import Recipe as Recipe
from scalenet_tf.config.recipe import check_start as check_start
from scalenet_tf.config.recipe_files import recipe_of as recipe_of
from scalenet_tf.config.recipe_files import stated as stated
