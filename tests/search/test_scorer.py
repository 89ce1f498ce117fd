from __future__ import annotations

import pytest
import yaml

from scalenet_tf.config import DataConfig, SearchConfig
from scalenet_tf.data import load_data
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.search import scorer as scorer_module
from scalenet_tf.search.scorer import SubnetScorer
from scalenet_tf.space import SearchSpace
from tests.helpers.networks import TINY_SPACE


@pytest.mark.usefixtures("eager")
def test_images_of_all_resolutions_together_stay_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    space = SearchSpace.model_validate(yaml.safe_load(TINY_SPACE))
    data = load_data(DataConfig(), 0)
    config = SearchConfig(recalibration_images=100, validation_images=60, batch_size=50)
    scorer = SubnetScorer(SuperSupernet(space, seed=0), data, config, seed=0)
    assert scorer.images_per_score == 160
    subnet = draw_subnet(space, 0, 0).subnet
    at = {r: subnet.model_copy(update={"resolution": r}) for r in (12, 14, 16)}
    expected = {resolution: scorer.score(each) for resolution, each in at.items()}
    assert len(set(expected.values())) > 1
    assert list(scorer._kept) == [12, 14, 16]
    # Room for the two largest of them; then for none.
    for limit, kept in ((160 * (14**2 + 16**2) * 4, [14, 16]), (160 * 12**2 * 4 - 1, [])):
        monkeypatch.setattr(scorer_module, "CACHE_BYTES", limit)
        scorer = SubnetScorer(scorer.evaluator.supernet, data, config, seed=0)
        assert {resolution: scorer.score(each) for resolution, each in at.items()} == expected
        assert list(scorer._kept) == kept
