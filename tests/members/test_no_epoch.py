"""Members that keep the super-supernet's weights as they are: `members.epochs: 0`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.data import open_data
from scalenet_tf.data.resize import whole_batches
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members import load_member, train_member, transfer_member
from scalenet_tf.models import SubnetEvaluator
from scalenet_tf.run.metrics import read_metrics
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.training import load_supernet, train_supernet
from tests.helpers.stored import member_of, write_members
from tests.helpers.tiny_training import new_run


@pytest.mark.usefixtures("eager")
def test_a_member_of_no_epoch_is_the_recalibrated_subnet(tmp_path: Path) -> None:
    # Neither a teacher, whose member is not trained, nor an average, which has no update, gets in the way.
    run = new_run(
        tmp_path, "supernet.steps=2", "members.epochs=0", "members.teacher=largest", "members.ema_decay=0.9"
    )
    train_supernet(run)
    subnets = [draw_subnet(run.space(), 0, step).subnet for step in (0, 1)]
    write_members(run, *(member_of(subnet, stage, "search") for stage, subnet in enumerate(subnets)))
    former = run.member_files(0).saved_model  # of a training whose metrics.json was removed
    former.mkdir(parents=True)
    train_member(run, 0)
    assert not former.parent.exists()
    data, search = open_data(run), run.config.search
    evaluator = SubnetEvaluator(load_supernet(run))
    images = data.calibration_images(search.recalibration_images, run.config.seed)
    size = search.batch_size
    statistics = evaluator.recalibrate(subnets[0], whole_batches(images, subnets[0].resolution, size))
    batches = data.evaluation_batches("test", resolution=subnets[0].resolution, batch_size=size)
    model, hits = load_member(run, 0).model, []
    for pixels, labels in batches:
        logits = evaluator.logits(statistics, pixels).numpy()
        np.testing.assert_allclose(model(pixels, training=False).numpy(), logits, atol=1e-4 * logits.std())
        hits.append(np.argmax(logits, -1) == labels.numpy())
    metrics = read_metrics(run, 0)
    assert metrics is not None and metrics.epochs == 0
    assert metrics.test_accuracy == pytest.approx(float(np.concatenate(hits).mean()), abs=0.002)
    assert run.member_files(0).history.read_text() == ""
    with pytest.raises(ScaleNetError, match=r"`members\.epochs` must be at least 1 for a transfer"):
        transfer_member(run, 0, "bundled", tmp_path / "new")
