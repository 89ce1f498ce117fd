"""Messages of TensorFlow Serving, declared here from their field numbers.

tensorflow-serving-api has no messages for the batching and monitoring files. It has one for warm-up requests,
but exports should not need that extra. Fields and types are those of the server's .proto files; neither the
wire format nor the text format contains the names of messages or packages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

_PACKAGE = "scalenet_tf.serving"
_INT64 = ".google.protobuf.Int64Value"
_BOOL = ".google.protobuf.BoolValue"
_SCALARS = {
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    "int64": descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
    "bool": descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
}

BATCHING_PARAMETERS = {
    "max_batch_size": (1, _INT64),
    "batch_timeout_micros": (2, _INT64),
    "max_enqueued_batches": (3, _INT64),
    "num_batch_threads": (4, _INT64),
    "thread_pool_name": (5, ".google.protobuf.StringValue"),
    "allowed_batch_sizes": (6, "repeated int64"),
    "pad_variable_length_inputs": (7, "bool"),
    "enable_large_batch_splitting": (8, _BOOL),
    "max_execution_batch_size": (9, _INT64),
}
PROMETHEUS_CONFIG = {"enable": (1, "bool"), "path": (2, "string")}
# On the wire, a map is a repeated message of key and value.
WARMUP = {
    "ModelSpec": {"name": (1, "string"), "signature_name": (3, "string")},
    "Input": {"key": (1, "string"), "value": (2, ".tensorflow.TensorProto")},
    "PredictRequest": {
        "model_spec": (1, f".{_PACKAGE}.ModelSpec"),
        "inputs": (2, f"repeated .{_PACKAGE}.Input"),
    },
    "PredictLog": {"request": (1, f".{_PACKAGE}.PredictRequest")},
    "PredictionLog": {"predict_log": (6, f".{_PACKAGE}.PredictLog")},
}

Fields = Mapping[str, tuple[int, str]]


@lru_cache(maxsize=1)
def batching_parameters() -> Any:
    """Returns the message class of `--batching_parameters_file`."""
    return _declare(
        "batching", ["google/protobuf/wrappers.proto"], {"BatchingParameters": BATCHING_PARAMETERS}
    )["BatchingParameters"]


@lru_cache(maxsize=1)
def monitoring_config() -> Any:
    """Returns the message class of `--monitoring_config_file`."""
    messages: dict[str, Fields] = {
        "PrometheusConfig": PROMETHEUS_CONFIG,
        "MonitoringConfig": {"prometheus_config": (1, f".{_PACKAGE}.PrometheusConfig")},
    }
    return _declare("monitoring", [], messages)["MonitoringConfig"]


@lru_cache(maxsize=1)
def prediction_log() -> Any:
    """Returns the message class of a warm-up record, reduced to predictions; imports TensorFlow."""
    from tensorflow.core.framework import tensor_pb2

    return _declare("warmup", [tensor_pb2.DESCRIPTOR.name], WARMUP)["PredictionLog"]


def _declare(
    name: str, dependencies: Sequence[str], messages: Mapping[str, Fields]
) -> dict[str, type[Message]]:
    from google.protobuf import wrappers_pb2  # noqa: F401  The pool must know the dependency.

    file = descriptor_pb2.FileDescriptorProto(
        name=f"scalenet_tf/serving/{name}.proto", package=_PACKAGE, syntax="proto3", dependency=dependencies
    )
    for title, fields in messages.items():
        message = file.message_type.add(name=title)
        for field, (number, kind) in fields.items():
            base = kind.removeprefix("repeated ")
            entry = message.field.add(name=field, number=number)
            entry.label = entry.LABEL_REPEATED if base != kind else entry.LABEL_OPTIONAL
            if base in _SCALARS:
                entry.type = _SCALARS[base]
            else:
                entry.type, entry.type_name = entry.TYPE_MESSAGE, base
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return {
        title: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{title}"))
        for title in messages
    }
