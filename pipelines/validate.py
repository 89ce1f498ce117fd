"""Strict checks of a compiled pipeline without a network, for what a server would refuse only later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from components.common.remote import open_path
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.yaml_text import MOST_CHARACTERS, read_documents

Spec = Mapping[str, Any]


def validate_file(path: str | Path) -> None:
    """Checks a compiled file.

    Args:
      path: Path or URL of a YAML file that `compile` or KFP's compiler wrote.

    Raises:
      ScaleNetError: If the file is not valid; the text has a line for each problem.

    Example:
      >>> validate_file("family.yaml")
    """
    try:
        system, location = open_path("file", str(path))
        text = system.cat_file(location, end=MOST_CHARACTERS + 1).decode("utf-8")
    except (OSError, UnicodeError) as error:
        raise InvalidInputError(f"`file` {str(path)!r} cannot be read as YAML: {error}") from error
    documents = read_documents(text, f"`file` {str(path)!r}")
    if not 1 <= len(documents) <= 2 or not all(isinstance(document, dict) for document in documents):
        raise InvalidInputError(
            f"`file` {str(path)!r} must hold a pipeline, and at most a platform's settings after it. "
            f"Received: {len(documents)} documents."
        )
    found = [*problems(documents[0]), *(platform_problems(*documents) if documents[1:] else ())]
    if found:
        raise InvalidInputError(f"the pipeline {str(path)!r} is not valid:\n" + "\n".join(found))


def problems(spec: Spec) -> Iterator[str]:
    """Yields the problems of a pipeline: fields, references, required parameters, images."""
    from google.protobuf import json_format
    from kfp.pipeline_spec.pipeline_spec_pb2 import PipelineDeploymentConfig, PipelineSpec

    for part, message in (
        (spec, PipelineSpec()),
        (spec.get("deploymentSpec", {}), PipelineDeploymentConfig()),
    ):
        try:
            json_format.ParseDict(part, message)
        except json_format.ParseError as error:
            yield f"{type(message).__name__}: {error}"
            return
    executors = spec.get("deploymentSpec", {}).get("executors", {})
    for name, executor in executors.items():
        if "container" in executor and not executor["container"].get("image"):
            yield f"executor {name}: it names no image"
    components = spec.get("components", {})
    if "dag" not in spec.get("root", {}):
        yield "root: it holds no tasks"
        return
    for name, component in {"root": spec["root"], **components}.items():
        label = component.get("executorLabel")
        if label is not None and label not in executors:
            yield f"component {name}: there is no executor {label}"
        if "dag" in component:
            yield from _dag_problems(name, component, components)


def _dag_problems(name: str, component: Spec, components: Spec) -> Iterator[str]:
    tasks = component["dag"].get("tasks", {})
    for key, task in tasks.items():
        where = f"task {key} of {name}"
        called = components.get(task.get("componentRef", {}).get("name"))
        if called is None:
            yield f"{where}: there is no component {task.get('componentRef', {}).get('name')}"
            continue
        for other in task.get("dependentTasks", ()):
            if other not in tasks:
                yield f"{where}: it waits for {other}, which is not a task there"
        for kind in ("parameters", "artifacts"):
            yield from _input_problems(where, kind, task, called, component, components)
    for kind in ("parameters", "artifacts"):
        for key, output in component["dag"].get("outputs", {}).get(kind, {}).items():
            for selected in _selected(output):
                yield from _output_problems(f"output {key} of {name}", kind, selected, tasks, components)


def _input_problems(
    where: str, kind: str, task: Spec, called: Spec, component: Spec, components: Spec
) -> Iterator[str]:
    given = task.get("inputs", {}).get(kind, {})
    taken = called.get("inputDefinitions", {}).get(kind, {})
    iterated = {
        task.get(iterator, {}).get("itemInput") for iterator in ("parameterIterator", "artifactIterator")
    }
    for key, definition in taken.items():
        optional = definition.get("isOptional") or "defaultValue" in definition
        if key not in given and not optional and key not in iterated:
            yield f"{where}: it is not given {key}, which it needs"
    for key, source in given.items():
        if key not in taken:
            yield f"{where}: it is given {key}, which it does not take"
        outer = source.get("componentInputParameter", source.get("componentInputArtifact"))
        if outer is not None and outer not in component.get("inputDefinitions", {}).get(kind, {}):
            yield f"{where}: {key} comes from {outer}, which its pipeline does not take"
        for produced in ("taskOutputParameter", "taskOutputArtifact"):
            if produced in source:
                tasks = component["dag"]["tasks"]
                yield from _output_problems(f"{where}: {key}", kind, source[produced], tasks, components)


def _output_problems(where: str, kind: str, source: Spec, tasks: Spec, components: Spec) -> Iterator[str]:
    producer = source.get("producerTask", source.get("producerSubtask"))
    key = source.get("outputParameterKey", source.get("outputArtifactKey"))
    if producer not in tasks:
        yield f"{where} comes from {producer}, which is not a task there"
        return
    component = components.get(tasks[producer].get("componentRef", {}).get("name"), {})
    if key not in component.get("outputDefinitions", {}).get(kind, {}):
        yield f"{where} comes from {producer}, which has no output {key}"


def _selected(output: Spec) -> Iterator[Spec]:
    if "valueFromParameter" in output:
        yield output["valueFromParameter"]
    yield from output.get("valueFromOneof", {}).get("parameterSelectors", ())
    yield from output.get("artifactSelectors", ())


def platform_problems(spec: Spec, platform: Spec) -> Iterator[str]:
    """Yields the problems of the second document, the Kubernetes settings."""
    from google.protobuf import json_format
    from kfp.kubernetes.kubernetes_executor_config_pb2 import KubernetesExecutorConfig
    from kfp.pipeline_spec.pipeline_spec_pb2 import PlatformSpec

    try:
        json_format.ParseDict(platform, PlatformSpec())
    except json_format.ParseError as error:
        yield f"PlatformSpec: {error}"
        return
    known = spec.get("deploymentSpec", {}).get("executors", {})
    for name, settings in platform["platforms"].items():
        if name != "kubernetes":
            yield f"platform {name}: kubernetes is the only one"
            continue
        for executor, values in settings.get("deploymentSpec", {}).get("executors", {}).items():
            if executor not in known:
                yield f"platform {name}: there is no executor {executor}"
            try:
                json_format.ParseDict(values, KubernetesExecutorConfig())
            except json_format.ParseError as error:
                yield f"platform {name}, executor {executor}: {error}"
