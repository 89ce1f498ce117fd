"""The weights of a member are saved before its test images are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.data import open_data, run_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members import train_member
from scalenet_tf.run import Run
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.utils import files
from tests.helpers.image_folder import write_folder
from tests.helpers.networks import TINY_SPACE
from tests.helpers.stored import member_of, write_members


@pytest.mark.usefixtures("eager")
def test_a_test_image_that_is_gone_costs_no_training(tmp_path: Path) -> None:
    images = write_folder(tmp_path / "images")
    space = files.write_text(tmp_path / "tiny.yaml", TINY_SPACE)
    scratch = ["members.start=scratch", "members.scratch_epochs=1", "members.batch_size=12"]
    given = [f"data.source=folder:{images}", f"space={space}", "members.epoch_images=null", *scratch]
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", given))
    open_data(run)
    write_members(run, member_of(draw_subnet(run.space(), 0, 0).subnet))
    test = images / "test" / "owl"
    test.rename(tmp_path / "gone")
    with pytest.raises(ScaleNetError, match=r"4 of 12 images cannot be decoded: .*\(No such file or dir"):
        train_member(run, 0)
    weights = run.member_files(0).weights.read_bytes()
    (tmp_path / "gone").rename(test)
    run_data._load.cache_clear()
    train_member(run, 0)
    assert run.member_files(0).weights.read_bytes() == weights
    assert len(run.member_files(0).history.read_text().splitlines()) == 1
