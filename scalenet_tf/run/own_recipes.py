"""own_recipes/: the run's copies of the recipe files that its configuration names.

config.yaml keeps the name of each file, and a copy has a digest of that name. A configuration in memory names
the copies, so that the run can be moved, and its files too.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from scalenet_tf.config import MembersConfig, RunConfig, load_run_config, recipe_of
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.named_files import MOST_STAGES
from scalenet_tf.run.paths import RECIPES, each
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import text_digest
from scalenet_tf.utils.resources import is_url, read_shipped

logger = logging.getLogger(__name__)


def copy_of(run: RunFolder, name: str) -> Path:
    """Returns the path of a run's copy of the recipe of a name, which may be a path or a URL."""
    folder = Path(os.path.abspath(run.own_recipes))
    return folder / f"{text_digest(ascii(name))}.yaml"  # ASCII, for names that are not UTF-8


def with_copies(config: RunConfig, run: RunFolder) -> RunConfig:
    """Returns a configuration that names the run's copies of recipes, of those that it has."""

    def copied(name: str) -> str:
        copy = copy_of(run, name)
        return str(copy) if name not in RECIPES and copy.is_file() else name

    return _with_recipe(config, each(config.members.recipe, copied))


def with_names(config: RunConfig, run: RunFolder) -> RunConfig:
    """Returns a configuration with the names that config.yaml states for the copies; undoes `with_copies`."""
    folder = os.path.abspath(run.own_recipes)
    if not any(name.startswith(folder) for name in _names(config)) or not run.config_file.is_file():
        return config
    stated = {str(copy_of(run, name)): name for name in _names(load_run_config(run.config_file))}
    return _with_recipe(config, each(config.members.recipe, lambda name: stated.get(name, name)))


def read_recipes(config: RunConfig, run: RunFolder) -> tuple[RunConfig, dict[str, str]]:
    """Reads the recipe files of a configuration with which a run is to be created.

    Args:
      config: Configuration, which may name copies of a run that is there and holds no work.
      run: The run.

    Returns:
      The configuration with the names of the files, and the text of each file by its name.

    Raises:
      ScaleNetError: If one cannot be read.
    """
    named = with_names(config, run)
    pairs = zip(_names(config), _names(named), strict=True)
    texts = {name: read_shipped("recipe", file, RECIPES, "") for file, name in pairs if name not in RECIPES}
    return named, texts


def write_copies(run: RunFolder, texts: Mapping[str, str]) -> None:
    """Writes the copies of recipes, given by name."""
    for name, text in texts.items():
        files.write_text(copy_of(run, name), text)


def renew_copies(config: RunConfig, run: RunFolder) -> None:
    """Writes a run's copies of recipes as the files are now; the copies of those that are gone are kept.

    Args:
      config: Configuration that names the files.
      run: The run.
    """
    for name in _names(config):
        if name not in RECIPES:
            with suppress(ScaleNetError):
                write_copies(run, {name: read_shipped("recipe", name, RECIPES, "")})


def same_members(run: RunFolder, own: MembersConfig, given: MembersConfig) -> bool:
    """Whether two sections `members` are the same, apart from where recipes of the same content are.

    Args:
      run: The run.
      own: Section of the run, which names its copies.
      given: The other section. A file that is gone counts as the run's copy of it.
    """
    if own.model_copy(update={"recipe": given.recipe}) != given:
        return False

    def found(name: str) -> str:
        copy = copy_of(run, name)
        gone = name not in RECIPES and not is_url(name) and not Path(name).is_file()
        return str(copy) if gone and copy.is_file() else name

    given = given.model_copy(update={"recipe": each(given.recipe, found)})
    if own.recipe == given.recipe:
        return True
    theirs = [recipe_of(given, stage) for stage in range(MOST_STAGES)]
    with suppress(InvalidInputError):  # A run of an earlier version has no copies, and its files may be gone.
        return [recipe_of(own, stage) for stage in range(MOST_STAGES)] == theirs
    return False


def warn_of_changed_recipes(run: RunFolder) -> None:
    """Names recipe files in the log that have changed since the run took its copies; others are left out."""
    for name in _names(load_run_config(run.config_file)):
        copy = copy_of(run, name)
        if name in RECIPES or is_url(name) or not (copy.is_file() and Path(name).is_file()):
            continue
        with suppress(ScaleNetError, OSError):
            if read_shipped("recipe", name, (), "") != copy.read_text("utf-8"):
                logger.warning(
                    f"the recipe {name!r} has changed since the run {str(run.path)!r} began, which goes on "
                    f"with its own copy, {str(copy)!r}"
                )


def _names(config: RunConfig) -> tuple[str, ...]:
    names = config.members.recipe
    return (names,) if isinstance(names, str) else names


def _with_recipe(config: RunConfig, recipe: str | tuple[str, ...]) -> RunConfig:
    return config.model_copy(update={"members": config.members.model_copy(update={"recipe": recipe})})
