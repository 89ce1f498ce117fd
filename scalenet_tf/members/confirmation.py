"""Short trainings of the finalists of a search, by the recipe of the members."""

from __future__ import annotations

from pydantic import JsonValue

from scalenet_tf.config import MembersConfig, SearchConfig, recipe_of
from scalenet_tf.config.teacher import NO_TEACHER
from scalenet_tf.data import DataSet
from scalenet_tf.members.compiled import check_accumulation
from scalenet_tf.members.inputs import epoch_steps
from scalenet_tf.members.member_training import NOTHING_OWN, MemberTraining
from scalenet_tf.members.metrics import predictions
from scalenet_tf.members.own_parts import check_usable, identity_of
from scalenet_tf.members.plan import Plan
from scalenet_tf.members.unrecorded import train_unrecorded
from scalenet_tf.models.score import score
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.run import Run
from scalenet_tf.run.given_objects import check_parts
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.search.confirmation import TrainingImages
from scalenet_tf.space import Subnet
from scalenet_tf.utils.digest import json_digest


class FinalistTraining:
    """Trains subnets like members, for `search.confirm_epochs` epochs, and measures their accuracy.

    Equal subnets of a scaling stage have equal accuracies: nothing depends on what was trained before.

    Args:
      run: Run whose configuration determines the training.
      data: Data set. Training uses its train split, the accuracy its validation split.
      supernet: Super-supernet that `search.confirm_start: supernet` takes the initial weights from.
      own: Own loss and augmentation of the members' training, which finalists share. Keras callbacks are not
        called.

    Raises:
      ScaleNetError: If a recipe of the members is not valid, its batches are larger than the train split, or
        these devices cannot train by it.

    Example:
      >>> FinalistTraining(run, data, net).accuracy(subnet, 0)
      0.861
    """

    def __init__(
        self, run: Run, data: DataSet, supernet: SuperSupernet, own: MemberTraining = NOTHING_OWN
    ) -> None:
        self._own, self._parts = own, identity_of(own)
        self._config, self._data, self._supernet = run.config, data, supernet
        stages = range(len(supernet.space.menus))
        self._plans = [short_plan(run.config.members, run.config.search, stage, data) for stage in stages]
        self._steps = [epoch_steps(data, plan.recipe) for plan in self._plans]
        # Errors of a training would only fail its trial.
        check_accumulation(self._config, [plan.recipe for plan in self._plans])
        check_usable(own, self._plans[0].recipe, draw_subnet(supernet.space, seed=0, step=0).subnet)
        check_parts(run, self._parts)

    @property
    def digest(self) -> str:
        """Digest of everything that determines the training, beside seed, data and super-supernet."""
        found: dict[str, JsonValue] = {
            "recipes": [plan.recipe.model_dump(mode="json") for plan in self._plans],
            "augmentation": self._config.data.augmentation.model_dump(mode="json"),
        }
        if self._own.has_parts:
            found["own_parts"] = self._parts.model_dump(mode="json")
        return json_digest(found)

    def images(self, scaling_stage: int) -> TrainingImages:
        """Returns the number of images that run through a subnet in one call of `accuracy`."""
        plan, search, counts = self._plans[scaling_stage], self._config.search, self._data.info.counts
        evaluations = (
            plan.epochs + 1
        )  # One after each epoch, and the last one without the recipe's precision.
        recalibration = min(search.recalibration_images, counts["train"]) if plan.inherits else 0
        recalibration -= recalibration % min(search.batch_size, recalibration or 1)
        return TrainingImages(
            trained=plan.epochs * self._steps[scaling_stage] * plan.recipe.batch_size,
            evaluated=recalibration + evaluations * counts["validation"],
        )

    def accuracy(self, subnet: Subnet, scaling_stage: int) -> float:
        """Trains a subnet and returns its score on the validation split, 0 to 1: the accuracy, by default.

        Args:
          subnet: The subnet.
          scaling_stage: Scaling stage of the subnet, which the recipe and the initial weights depend on.

        Raises:
          ScaleNetError: If training diverges.
        """
        plan, config, data = self._plans[scaling_stage], self._config, self._data
        name = f"finalist {subnet.key[:8]} at S{scaling_stage}"
        trained = train_unrecorded(name, subnet, scaling_stage, plan, config, data, self._supernet, self._own)
        return score(
            config.task, *predictions(trained, data, "validation", config.search.batch_size, config.task)
        )


def short_plan(members: MembersConfig, search: SearchConfig, scaling_stage: int, data: DataSet) -> Plan:
    """Returns the plan of a finalist: the recipe of the members, without early stopping and teacher.

    Finalists must not be ranked by weights that are hardly trained. So a warm-up that would last to the end
    is shortened as the training is, and an average over more updates than there are is left out.

    Args:
      members: The section `members`.
      search: The section `search`, whose `confirm_epochs` and `confirm_start` choose the training.
      scaling_stage: Scaling stage of the finalist's network.
      data: Training images, whose number determines that of the updates.
    """
    recipe, epochs = recipe_of(members, scaling_stage), search.confirm_epochs
    inherits = search.confirm_start == "supernet"
    whole = Plan.starting(recipe, scaling_stage, inherits=inherits)
    changes: dict[str, object] = {"patience": None, "teacher": NO_TEACHER}
    if recipe.warmup_epochs >= epochs:
        share = epochs / max(epochs, whole.epochs or recipe.scratch_epochs)
        changes["warmup_epochs"] = share * recipe.warmup_epochs
    updates = epochs * epoch_steps(data, recipe) / recipe.gradient_accumulation_steps
    if (1 - recipe.ema_decay) * updates < 1:
        changes["ema_decay"] = 0.0
    return Plan(recipe.model_copy(update=changes), inherits, epochs, whole.learning_rate)
