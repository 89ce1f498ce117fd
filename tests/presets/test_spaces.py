from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf import presets
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.sampling.pool import check_space


@pytest.mark.parametrize("name", presets.SPACE_NAMES)
def test_presets_can_be_searched(name: str) -> None:
    space = presets.load_space(name)
    assert space.name == name
    check_space(space)


def test_the_paper_space_has_its_size() -> None:
    bases = 1
    for stage in presets.load_space("paper").stages:
        low, high = stage.depth
        bases *= sum(len(stage.ops) ** depth for depth in range(low, high + 1))
    assert bases == 3 * 3 * 120**5


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(
        ScaleNetError, match=r"`space` must be one of .*Received: 'papre'\. Did you mean 'paper'\?"
    ):
        presets.load_space("papre")


def test_a_file_is_read_and_its_mistakes_are_named(tmp_path: Path) -> None:
    text = (Path(presets.__file__).parent / "paper.yaml").read_text("utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace("name: paper", "name: mine"))
    assert presets.load_space(str(file)).name == "mine"
    file.write_text(text.replace("head_width", "head_size"))
    with pytest.raises(ScaleNetError, match=r"mine.yaml' is not valid:(?s:.*)head_width(?s:.*)head_size"):
        presets.load_space(str(file))
    file.write_text(text.replace("expansion", "expansions"))
    with pytest.raises(ScaleNetError, match="`ops` takes kernel, expansion, squeeze_excite"):
        presets.load_space(str(file))
    file.write_text(text.replace("expansion: [6]", "squeeze_excite: [true]"))
    with pytest.raises(ScaleNetError, match=r"`ops` needs kernel and expansion. Missing: \['expansion'\]"):
        presets.load_space(str(file))
    file.write_text("stages: [")
    with pytest.raises(ScaleNetError, match="is not YAML"):
        presets.load_space(str(file))
