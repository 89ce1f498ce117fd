"""Training recipes of members: values, shipped YAML files, one's own by path. No TensorFlow here."""

from scalenet_tf.recipes.files import recipe_of as recipe_of
from scalenet_tf.recipes.files import stated as stated
from scalenet_tf.recipes.recipe import NAMES as NAMES
from scalenet_tf.recipes.recipe import Recipe as Recipe
from scalenet_tf.recipes.recipe import check_start as check_start
