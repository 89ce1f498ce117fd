"""A file that stores equal zero points once says the same as one that repeats them."""

from __future__ import annotations

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from scalenet_tf.compress import litert
from scalenet_tf.compress.shrink import shrink
from scalenet_tf.profiling.litert import Runner
from tests.compress.test_weak_squeezes import images, network


def repeated(content: bytes) -> bytes:
    """The same file as the library writes it."""
    builder = flatbuffers.Builder(len(content))
    builder.Finish(parsed(content).Pack(builder), b"TFL3")
    return bytes(builder.Output())


def parsed(content: bytes) -> schema.ModelT:
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))


def test_it_is_smaller_and_answers_to_the_bit() -> None:
    tf_model, _ = network()
    seen = images(tf_model, 0)
    small = litert.convert_int8(tf_model, lambda: ([image[np.newaxis]] for image in seen))
    large = repeated(small)
    assert len(small) < 0.9 * len(large) and shrink(large) == small == shrink(small)
    stored = np.random.default_rng(2).integers(0, 256, seen.shape).astype(np.float32)
    np.testing.assert_array_equal(Runner(small)(stored), Runner(large)(stored))
    before, after = (parsed(content).subgraphs[0].tensors for content in (large, small))
    for old, new in zip(before, after, strict=True):
        if old.quantization is not None and old.quantization.zeroPoint is not None:
            np.testing.assert_array_equal(old.quantization.zeroPoint, new.quantization.zeroPoint)
            np.testing.assert_array_equal(old.quantization.scale, new.quantization.scale)
