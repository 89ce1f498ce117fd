"""The files that a configuration names, such as recipes, and the tasks that read them."""

from __future__ import annotations

from scalenet_tf.config import RunConfig
from scalenet_tf.run.named_files import contents_digest, named_files


def reading_tasks(config: RunConfig) -> dict[str, set[str]]:
    """Returns the keys that name files for each task that reads some, whose results they decide.

    Finalists are trained by the members' recipes, without their teachers.

    Args:
      config: Configuration of the run.
    """
    search = {"search.warm_start"} | ({"members.recipe"} if config.search.confirm else set())
    reads = {"joint_search": search, "family_trainer": {"members.recipe", "members.teacher"}}
    named = set(named_files(config).values())
    return {task: keys & named for task, keys in reads.items() if keys & named}


def contents_of_tasks(config: RunConfig) -> dict[str, str]:
    """Returns a digest of the contents of the files that each of `reading_tasks` reads."""
    return {task: contents_digest(config, keys) for task, keys in reading_tasks(config).items()}
