from __future__ import annotations

import re

import pytest

from scalenet_tf.config import ScaleConfig
from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.extrapolation.step import family_members, write_family
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files


def test_a_searched_run_gets_its_family(searched_run: Run) -> None:
    result = files.read_json(searched_run.search / "result.json")
    assert write_family(searched_run) == searched_run.family_file
    family = files.read_json(searched_run.family_file)
    assert family["schema"] == 1 and family["base"] == result["base"]
    space = SearchSpace.model_validate(family["space"])
    assert (space.channels, space.classes) == (1, 10)
    base = BaseArchitecture.model_validate(family["base"])
    searched, extra = family["members"][:-1], family["members"][-1]
    assert len(searched) == len(result["scalings"]) and extra["stage"] == len(searched)
    for entry, member in zip(result["scalings"], searched, strict=True):
        assert member["origin"] == "search" and member["search_score"] == entry["score"]
        assert member["scaling"] == entry["scaling"] and member["macs"] == entry["macs"]
    assert extra["origin"] == "extrapolated" and extra["search_score"] is None
    for stage, member in enumerate(family["members"]):
        subnet = Subnet.model_validate(member["subnet"])
        assert subnet == scale(space, base, Scaling.model_validate(member["scaling"]))
        assert (member["name"], member["stage"]) == (f"s{stage}", stage)
        counted = cost(subnet)
        assert (member["macs"], member["parameters"]) == (counted.macs, counted.parameters)
        assert member["num_blocks"] == subnet.num_blocks
        assert member["target_macs"] == 2**stage * family["members"][0]["macs"]
        assert member["gap"] == member["macs"] / member["target_macs"] - 1
    assert set(family["rule"]) == {"depth", "width", "resolution"}
    assert set(family["provenance"]["digests"]) == {"search", "data", "space"}


def test_a_family_is_the_same_again_and_never_overwritten(searched_run: Run) -> None:
    first = files.read_json(write_family(searched_run))
    stamp = searched_run.family_file.stat().st_mtime_ns
    write_family(searched_run)
    assert searched_run.family_file.stat().st_mtime_ns == stamp
    searched_run.family_file.unlink()
    # The search's surroundings play no part.
    result = files.read_json(searched_run.search / "result.json")
    elsewhere = {**result["environment"], "host": "other", "seconds": 7.0}
    files.write_json(searched_run.search / "result.json", {**result, "environment": elsewhere})
    again = files.read_json(write_family(searched_run))
    assert {**first, "environment": None} == {**again, "environment": None}


@pytest.mark.parametrize(
    ("missing", "advice"),
    [
        ("search/result.json", "Search first: scalenet search --run"),
        ("data.json", "Train first: scalenet train"),
    ],
)
def test_what_is_missing_is_named(searched_run: Run, missing: str, advice: str) -> None:
    (searched_run.path / missing).unlink()
    with pytest.raises(ScaleNetError, match=rf"needs .*{re.escape(missing)}', which is not there. {advice}"):
        write_family(searched_run)
    assert not searched_run.family_file.exists()


def test_without_extra_stages_there_is_no_rule(searched_run: Run) -> None:
    result = read_search_result(searched_run)
    assert result is not None
    scalings = [entry.scaling for entry in result.scalings]
    scores = [entry.score for entry in result.scalings]
    space = load_space(searched_run.config.space).for_data(1, 10)
    members, rule = family_members(space, result.base, scalings, scores, ScaleConfig(extra_stages=0))
    assert rule is None and [member.scaling for member in members] == scalings
    assert [member.search_score for member in members] == scores
