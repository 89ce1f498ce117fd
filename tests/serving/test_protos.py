"""The declared messages against TensorFlow Serving's own, where it ships them."""

from __future__ import annotations

import pytest
import tensorflow as tf
from google.protobuf import text_format
from google.protobuf.unknown_fields import UnknownFieldSet

from scalenet_tf.serving.protos import batching_parameters, monitoring_config, prediction_log

prediction_log_pb2 = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")


def test_a_warm_up_record_reads_as_the_servers_own() -> None:
    log = prediction_log()()
    request = log.predict_log.request
    request.model_spec.name = "s1"
    request.model_spec.signature_name = "serving_default"
    request.inputs.add(key="images", value=tf.make_tensor_proto([[1, 2]], tf.uint8))
    theirs = prediction_log_pb2.PredictionLog.FromString(log.SerializeToString())
    assert theirs.WhichOneof("log_type") == "predict_log"
    spec = theirs.predict_log.request.model_spec
    assert (spec.name, spec.signature_name) == ("s1", "serving_default")
    assert tf.make_ndarray(theirs.predict_log.request.inputs["images"]).tolist() == [[1, 2]]
    assert not len(UnknownFieldSet(theirs))
    assert prediction_log().FromString(theirs.SerializeToString()) == log


def test_numbers_of_fields_are_the_servers() -> None:
    def numbers(descriptor: object) -> dict[str, int]:
        return {field.name: field.number for field in descriptor.fields}  # type: ignore[attr-defined]

    log = prediction_log().DESCRIPTOR
    theirs = prediction_log_pb2.PredictionLog.DESCRIPTOR
    for path in ("predict_log", "request", "model_spec"):
        log, theirs = log.fields_by_name[path].message_type, theirs.fields_by_name[path].message_type
        assert numbers(log).items() <= numbers(theirs).items()


def test_batching_and_monitoring_go_through_text() -> None:
    text = "max_batch_size { value: 32 }\nallowed_batch_sizes: 8\nallowed_batch_sizes: 32\n"
    parsed = text_format.Parse(text, batching_parameters()())
    assert (parsed.max_batch_size.value, list(parsed.allowed_batch_sizes)) == (32, [8, 32])
    with pytest.raises(text_format.ParseError, match="max_batch"):
        text_format.Parse("max_batch: 3", batching_parameters()())
    # The example of the server's own manual.
    example = 'prometheus_config {\n  enable: true,\n  path: "/monitoring/prometheus/metrics"\n}\n'
    monitoring = text_format.Parse(example, monitoring_config()())
    assert monitoring.prometheus_config.enable
    assert monitoring.prometheus_config.path == "/monitoring/prometheus/metrics"
