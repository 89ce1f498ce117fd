"""Artifacts that the tests of several components start from; read them only."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.artifact import produce
from components.common.artifact_types import MODEL
from components.common.lineage import Lineage
from components.example_gen import executor as example_gen
from components.family_trainer.executor import model_parts
from scalenet_tf.run import Run
from tests.helpers import component_chain
from tests.helpers.image_folder import write_folder
from tests.helpers.made_once import made_once


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The bundled images as ExampleGen writes them."""

    def make(path: Path) -> None:
        example_gen.generate(examples=str(path), config="smoke")

    return str(made_once(tmp_path_factory, "examples", make))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of images that a test may poison."""
    return write_folder(tmp_path / "photos")


@pytest.fixture(scope="session")
def model(exported_files: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A trained and exported member as FamilyTrainer writes it."""
    path = str(tmp_path_factory.mktemp("trained") / "model")
    run = Run.open(exported_files)
    produce(path, MODEL, Lineage("family_trainer", {}, {"member": "good"}), lambda _: model_parts(run, 0))
    return path


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All artifacts up to the trained members S0 and S1 of a tiny pipeline."""
    return made_once(tmp_path_factory, "whole", component_chain.run)
