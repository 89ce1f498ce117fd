"""Files and folders that a configuration names, beside its images and its space."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf.config import RunConfig, recipe_name, recipe_of
from scalenet_tf.config.teacher import is_path
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.paths import PUBLISHED, RECIPES
from scalenet_tf.utils.digest import file_digest, json_digest, text_digest
from scalenet_tf.utils.resources import is_url, read_shipped


def named_files(config: RunConfig) -> dict[str, str]:
    """Returns the paths and URLs of recipes, teachers and a warm start, each with the key that names it.

    Teachers in a recipe that is not on this machine are left out.

    Args:
      config: Configuration of a run, with absolute paths.
    """
    found: dict[str, str] = {}
    members = config.members
    for stage in range(len(members.recipe) if isinstance(members.recipe, tuple) else 1):
        name = recipe_name(members, stage)
        if name not in RECIPES:
            found[name] = "members.recipe"
            if not is_url(name) and not Path(name).is_file():
                continue
        if is_path(teacher := recipe_of(members, stage).teacher):
            found[teacher] = "members.teacher"
    start = config.search.warm_start
    if start not in (None, PUBLISHED):
        found[str(start)] = "search.warm_start"
    return found


def contents_digest(config: RunConfig) -> str:
    """Returns 16 hexadecimal digits that identify the contents of `named_files`; "" if there are none.

    Of a run that a search begins with, its result counts; of a recipe at a URL, what it says.
    """
    found: dict[str, object] = {}
    for place, key in named_files(config).items():
        if key == "members.recipe":
            found[f"{key} {place}"] = text_digest(read_shipped("recipe", place, (), ""))
            continue
        path = Path(place)
        whole = key != "search.warm_start" or not path.is_dir()
        found[f"{key} {place}"] = _contents(path if whole else RunFolder(path).search_result_file)
    return json_digest(found) if found else ""


def _contents(path: Path) -> dict[str, str]:
    below = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    return {str(file.relative_to(path)): file_digest(file) for file in below if file.is_file()}
