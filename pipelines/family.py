"""The pipeline from images to a family of served models, defined once for every target."""

from collections.abc import Collection, Mapping
from typing import Any, List  # noqa: UP035 (kfp reads the annotation)

from kfp import dsl

from components.compressor.component import compressor
from components.evaluator.component import evaluator
from components.example_gen.component import example_gen
from components.example_validator.component import example_validator
from components.family_trainer.component import family_trainer
from components.infra_validator.component import infra_validator
from components.joint_search.component import joint_search
from components.pusher.component import pusher
from components.report_gen.component import report_gen
from components.scaling_extrapolator.component import scaling_extrapolator
from components.source_fingerprint.component import source_fingerprint
from components.supernet_trainer.component import supernet_trainer
from pipelines.target import Target
from pipelines.task import make_task

NAME = "scalenet-family"


def build(
    target: Target,
    environment: Mapping[str, str] | None = None,
    contents: Mapping[str, str] | None = None,
    uncached: Collection[str] = (),
) -> Any:
    """Builds the pipeline for a target; `Parameters.arguments` are its arguments.

    Args:
      target: Machines, retries, timeouts, caching and environment of each task.
      environment: Environment variables of all tasks.
      contents: For tasks that read files which the configuration names, a digest of their contents: they run
        again, instead of being served from a cache, if it changes.
      uncached: Tasks that are never served from a cache.

    Example:
      >>> kfp.compiler.Compiler().compile(build(load_target("kubeflow")), "family.yaml")
    """

    def task(component: Any, **inputs: Any) -> dsl.PipelineTask:
        name, variables = component.component_spec.name.replace("-", "_"), dict(environment or {})
        if digest := (contents or {}).get(name):
            variables["SCALENET_CONTENTS"] = digest
        made = make_task(component, target, variables, **inputs)
        if name in uncached:
            made.set_caching_options(False)
        return made

    @dsl.pipeline(
        name=NAME, description="Search a base model and its scaling; train, check and push the family."
    )
    def family(
        destination: str,
        config: str = "quickstart",
        space: str = "",
        scratch: str = "",
        compress: List[str] = [],  # noqa: B006, UP006
        smallest_class: int = 2,
        largest_imbalance: float = 100.0,
        most_corrupt: int = 0,
        most_leaks: int = 0,
        accuracy: float = 0.0,
        class_accuracy: float = 0.0,
        balanced_accuracy: float = 0.0,
        change: float = -0.01,
        latency_ms: float = 0.0,
        memory_mb: float = 0.0,
    ) -> dsl.HTML:
        # One file for each machine that trains.
        shards = target.task("supernet_trainer").replicas
        seen = task(source_fingerprint, config=config)
        examples = task(example_gen, config=config, shards=shards, fingerprint=seen.output).outputs[
            "examples"
        ]
        validated = task(
            example_validator,
            examples=examples,
            smallest_class=smallest_class,
            largest_imbalance=largest_imbalance,
            most_corrupt=most_corrupt,
            most_leaks=most_leaks,
        )
        training = task(
            supernet_trainer, examples=examples, config=config, space=space, scratch=scratch
        ).after(validated)
        supernet = training.outputs["supernet"]
        search = task(
            joint_search,
            examples=examples,
            supernet=supernet,
            config=config,
            workers=target.task("joint_search").processes,
            scratch=scratch,
        )
        extrapolation = task(scaling_extrapolator, result=search.outputs["result"], config=config)
        members = extrapolation.outputs["family"]
        with dsl.ParallelFor(extrapolation.outputs["Output"], parallelism=target.parallel_members) as stage:
            member = task(
                family_trainer,
                examples=examples,
                supernet=supernet,
                family=members,
                stage=stage,
                config=config,
                scratch=scratch,
            )
            model = member.outputs["model"]
            evaluation = task(
                evaluator,
                examples=examples,
                model=model,
                baseline_uri=destination,
                accuracy_lower_bound=accuracy,
                class_accuracy_lower_bound=class_accuracy,
                balanced_accuracy_lower_bound=balanced_accuracy,
                accuracy_absolute_change=change,
            )
            served = task(
                infra_validator,
                examples=examples,
                model=model,
                max_latency_ms=latency_ms,
                max_memory_mb=memory_mb,
            )
            smaller = task(compressor, examples=examples, model=model, methods=compress, scratch=scratch)
            task(
                pusher,
                model=model,
                evaluation_blessing=evaluation.outputs["blessing"],
                infra_blessing=served.outputs["blessing"],
                destination=destination,
            )
        report = task(
            report_gen,
            supernet=supernet,
            result=search.outputs["result"],
            family=members,
            models=dsl.Collected(model),
            evaluations=dsl.Collected(evaluation.outputs["evaluation"]),
            compressed_models=dsl.Collected(smaller.outputs["compressed_models"]),
        )
        return report.outputs["report"]

    return family
