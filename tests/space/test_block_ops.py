"""Ops of any block: their texts, the menus of a stage, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import (
    BaseArchitecture,
    BlockOp,
    Conv,
    Depthwise,
    FusedMBConv,
    Op,
    Residual,
    SearchSpace,
    SqueezeExcite,
    Stage,
)
from scalenet_tf.space.any_op import block_class, parse_op
from scalenet_tf.space.block_op import SHIPPED, block_name
from tests.helpers.networks import BLOCKS


class Free(BlockOp):
    """Declares whatever a test gives it."""

    letters: ClassVar = {"number": "n"}
    chain: ClassVar[Sequence[Any]] = ()

    number: int

    def layers(self, in_width: Any, out_width: Any, stride: int) -> Sequence[Any]:
        return self.chain


OWN = f"{__name__}:Free"


def stage(**changes: Any) -> Stage:
    return Stage.model_validate({"depth": [1, 4], "stride": 2, "width": 16, "ops": ["k3e6s"], **changes})


@pytest.mark.parametrize(
    ("op", "text"),
    [
        (Op(kernel=5, expansion=6), "k5e6s"),
        (FusedMBConv(kernel=3, expansion=4), "fused_mbconv:k3e4"),
        (FusedMBConv(kernel=3, expansion=4, squeeze_excite=True), "fused_mbconv:k3e4s"),
        (Residual(kernel=7), "residual:k7"),
        (Free(number=12), f"{OWN}:n12"),
    ],
)
def test_a_text_is_an_op_and_back(op: BlockOp, text: str) -> None:
    assert str(op) == op.name == op.model_dump() == text
    found = parse_op(text)
    assert found == op and hash(found) == hash(op) and type(found) is type(op)
    base = BaseArchitecture(stages=((op,),))
    assert BaseArchitecture.model_validate_json(base.model_dump_json()) == base


def test_ops_of_several_blocks_differ() -> None:
    assert Op(kernel=3, expansion=4, squeeze_excite=False) != FusedMBConv(kernel=3, expansion=4)
    assert len({parse_op("residual:k3"), parse_op("residual:k3"), parse_op("residual:k5")}) == 2


def test_shipped_blocks_are_found_by_name() -> None:
    assert {name: block_name(block_class(name)) for name in SHIPPED} == {name: name for name in SHIPPED}


def test_a_stage_names_its_block_or_its_ops_do() -> None:
    named = stage(block="fused_mbconv", ops=["k3e4", "k5e4"])
    assert named == stage(ops=["fused_mbconv:k3e4", "fused_mbconv:k5e4"])
    assert named == stage(block="fused_mbconv", ops={"kernel": [3, 5], "expansion": [4]})
    assert named == stage(ops=[{"block": "fused_mbconv", "kernel": k, "expansion": 4} for k in (3, 5)])
    assert stage(block="mbconv", ops=["k3e6s"]) == stage()
    assert Stage.model_validate_json(named.model_dump_json()) == named


def test_a_space_with_several_blocks_goes_to_json_and_back() -> None:
    text = BLOCKS.model_dump_json()
    assert '"residual:k3"' in text and '"block"' not in text
    assert type(BLOCKS).model_validate_json(text) == BLOCKS


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"block": "fused"},
            r"`block` is mbconv, fused_mbconv, residual or module:Class.*Did you mean 'fused_mbconv'",
        ),
        ({"block": 3}, r"`block` must be a text\. Received: 3"),
        (
            {"block": "no_such_module:Block"},
            r"no block 'no_such_module:Block' on PYTHONPATH: No module named",
        ),
        ({"block": f"{__name__}:Missing"}, r"on PYTHONPATH: .* has no attribute 'Missing'"),
        ({"block": "pathlib:Path"}, r"must be a subclass of BlockOp\. Received: 'pathlib:Path'"),
        ({"block": "residual"}, r"an op is written k<kernel>, such as 'k3'\. Received: 'k3e6s'"),
        ({"block": "residual", "ops": ["k4"]}, r"`kernel` must be odd"),
        ({"ops": ["k3e6s", "residual:k3"]}, r"must be of one block; another stage may have another"),
        ({"block": "residual", "ops": ["k3", "fused_mbconv:k3e2"]}, r"of block residual must be its own"),
        ({"block": "fused_mbconv", "ops": ["k3e1", "k3e6"]}, r"either all have expansion 1"),
        ({"block": "fused_mbconv", "ops": ["k3e1s"]}, r"expansion 1 has no squeeze-excite"),
        ({"block": "residual", "ops": {"kernel": [3], "expansion": [6]}}, r"`ops` takes kernel\. Received"),
        ({"block": "fused_mbconv", "ops": {"kernel": [3]}}, r"`ops` needs kernel and expansion\. Missing"),
    ],
)
def test_wrong_menus(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        stage(**changes)


LAST = Conv("last", 40)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((), r"the last layer must have `out_width` channels, 40"),
        ((Conv("last", 24, stride=2),), r"the last layer must have `out_width` channels, 40"),
        ((LAST,), r"the strides of the layers must multiply to `stride`, 2"),
        ((Conv("last", 24, stride=2), LAST), r"names of layers must differ"),
        ((Conv("out", 24, stride=2), LAST), r"names of layers must differ.* not `out`"),
        ((Depthwise("even", 4, stride=2), LAST), r"kernels must be odd"),
        ((SqueezeExcite(), Conv("last", 40, stride=2)), r"one squeeze-excite, which is not the first layer"),
        ((Conv("last", 40, stride=2), SqueezeExcite()), r"a convolution must follow squeeze-excite"),
        ((Conv("none", 0, stride=2), LAST), r"widths must be at least 1"),
    ],
)
def test_layers_that_make_no_block(
    layers: Sequence[Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Free, "chain", layers)
    with pytest.raises(ValidationError, match=rf"op .*:n1: .*{message}"):
        stage(block=OWN, ops=["n1"])


def test_ops_of_a_stage_with_other_layers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def layers(self: Free, in_width: Any, out_width: Any, stride: int) -> Sequence[Any]:
        return [Conv(f"layer{self.number}", out_width, stride=stride)]

    monkeypatch.setattr(Free, "layers", layers)
    with pytest.raises(ValidationError, match=r"the same layers but for kernel sizes, widths and squeeze"):
        stage(block=OWN, ops=["n1", "n2"])


def test_a_block_that_no_other_process_could_import_is_refused() -> None:
    class Local(Free):
        pass

    with pytest.raises(ScaleNetError, match=r"a class at the top of a module that can be imported"):
        _ = Local(number=1).name


class Halving(BlockOp):
    """Halves the map in every block, where it should do so in the first one."""

    letters: ClassVar = {"kernel": "k"}

    kernel: int

    def layers(self, in_width: Any, out_width: Any, stride: int) -> Sequence[Any]:
        return [Conv("spatial", out_width, self.kernel, 2)]


class Narrowing(BlockOp):
    letters: ClassVar = {"reduction": "r"}

    reduction: int

    def layers(self, in_width: Any, out_width: Any, stride: int) -> Sequence[Any]:
        return [Conv("reduce", out_width // self.reduction, 3, stride), Conv("expand", out_width, 1, 1)]


class Forgetting(BlockOp):
    letters: ClassVar = {"kernel": "k"}

    kernel: int
    groups: int = 1

    def layers(self, in_width: Any, out_width: Any, stride: int) -> Sequence[Any]:
        return [Conv("spatial", out_width, self.kernel, stride)]


@pytest.mark.parametrize(
    ("op", "message"),
    [
        (Halving(kernel=3), r"the strides of the layers must multiply to `stride`, 1"),
        (Forgetting(kernel=3, groups=2), r"each field needs a letter in `letters`. Missing: \['groups'\]"),
        (Narrowing(reduction=1024), r"fields must be booleans, or integers from 0 to 999"),
    ],
)
def test_own_blocks_are_checked_at_every_stride_and_as_texts(op: BlockOp, message: str) -> None:
    with pytest.raises((ScaleNetError, ValidationError), match=message):
        stage(ops=[op])


def test_own_blocks_are_checked_at_the_narrowest_widths() -> None:
    narrow = BLOCKS.stages[0].model_copy(update={"ops": (Narrowing(reduction=32),), "width": 16})
    values = {**BLOCKS.model_dump(mode="json"), "stages": [narrow.model_dump(mode="json")]}
    with pytest.raises((ScaleNetError, ValidationError), match=r"Received: 0 channels of 'reduce'"):
        SearchSpace.model_validate(values)


def test_ops_beside_a_block_may_be_mappings() -> None:
    found = stage(block="fused_mbconv", ops=[{"kernel": 3, "expansion": 4}])
    assert found.ops == (FusedMBConv(kernel=3, expansion=4),)
    op = {"kernel": 3, "expansion": 4}
    assert stage(block="fused_mbconv", ops=[{**op, "block": "fused_mbconv"}]) == found
    with pytest.raises((ScaleNetError, ValidationError), match=r"`ops` of block fused_mbconv must be its"):
        stage(block="fused_mbconv", ops=[{**op, "block": "mbconv"}])


def test_a_subclass_of_mbconv_would_be_read_as_mbconv_and_is_refused() -> None:
    with pytest.raises(ScaleNetError, match=r"a subclass of BlockOp\. Received: Mine"):

        class Mine(Op):
            pass
