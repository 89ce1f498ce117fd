"""The images of a call that passes none: those of its run, or of its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

import scalenet_tf as sn
from scalenet_tf.api.job import search_family
from scalenet_tf.config import load_config
from scalenet_tf.run import Run
from tests.helpers.interrupted_call import Interrupt, pairs, set_up


def test_a_run_that_is_not_there_is_not_begun_on_other_images(tmp_path: Path) -> None:
    with pytest.raises(sn.ScaleNetError, match=r"there is no run at '.*mime' yet, so `data` is needed"):
        search_family(run=tmp_path / "runs" / "mime", verbose=False)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(sn.ScaleNetError, match=r"`test_data` goes with images in `data`. Received: None"):
        search_family(run=tmp_path / "runs" / "mime", test_data=pairs(9), verbose=False)


def test_a_run_that_has_stored_its_images_goes_on_with_them(tmp_path: Path) -> None:
    run = set_up(pairs(60), tmp_path / "run")
    run.config_file.unlink()  # as if the call had been interrupted before it was written
    with pytest.raises(KeyboardInterrupt):
        search_family(run=run.path, verbose=False, callbacks=[Interrupt()])
    begun = Run.open(run.path).config
    assert (
        begun.data.source == f"tfrecord:{run.path / 'images'}"
        and begun.space == load_config("quickstart").space
    )


def test_the_configuration_fits_a_source_among_the_settings(tmp_path: Path, write_photos: Path) -> None:
    settings = {"data.source": f"folder:{write_photos}", "data.skip_corrupt": True}
    with pytest.raises(KeyboardInterrupt):
        search_family(run=tmp_path / "run", verbose=False, callbacks=[Interrupt()], **settings)
    config = Run.open(tmp_path / "run").config
    assert (config.space, config.data.skip_corrupt) == (load_config("colour32").space, True)
