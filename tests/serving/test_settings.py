"""Settings of a server: the files that follow, parsed back, and the server's rules."""

from __future__ import annotations

import pytest
from google.protobuf import text_format

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.serving.protos import batching_parameters, monitoring_config
from scalenet_tf.serving.settings import Batching, ServerSettings, batching_text, monitoring_text


def test_the_batching_file_reads_back() -> None:
    batching = Batching(max_batch_size=16, timeout_micros=500, allowed_batch_sizes=(1, 4, 16))
    read = text_format.Parse(batching_text(batching, cores=3), batching_parameters()())
    assert read.max_batch_size.value == 16
    assert read.batch_timeout_micros.value == 500
    assert read.HasField("batch_timeout_micros")
    assert read.max_enqueued_batches.value == 100
    assert read.num_batch_threads.value == 3
    assert list(read.allowed_batch_sizes) == [1, 4, 16]


def test_no_waiting_is_said_and_not_left_out() -> None:
    read = text_format.Parse(batching_text(Batching(), cores=2), batching_parameters()())
    assert read.HasField("batch_timeout_micros")
    assert read.batch_timeout_micros.value == 0


def test_the_monitoring_file_reads_back() -> None:
    read = text_format.Parse(monitoring_text(), monitoring_config()())
    assert read.prometheus_config.enable
    assert read.prometheus_config.path == "/monitoring/prometheus/metrics"


@pytest.mark.parametrize("sizes", [(8, 4, 32), (1, 8), (8, 8, 32), (0, 32), (1, 64)])
def test_batch_sizes_rise_to_the_largest(sizes: tuple[int, ...]) -> None:
    message = r"`allowed_batch_sizes` must rise from at least 1, and end with `max_batch_size` \(32\)\."
    with pytest.raises(ScaleNetError, match=message):
        ServerSettings().changed(None, {"allowed_batch_sizes": sizes}, {})


def test_what_is_given_changes_and_the_rest_stays() -> None:
    first = ServerSettings().changed(None, {"max_batch_size": 64}, {"cores": 4, "image": None})
    assert (first.cores, first.image) == (4, ServerSettings().image)
    assert first.batching == Batching(max_batch_size=64)
    second = first.changed(None, {"timeout_micros": 1000, "max_batch_size": None}, {})
    assert second.batching == Batching(max_batch_size=64, timeout_micros=1000)
    without = second.changed(False, {}, {})
    assert without.batching is None
    assert not [word for word in without.command() if "batching" in word]
    assert without.changed(True, {}, {}).batching == Batching()
    with pytest.raises(ScaleNetError, match=r"`batching` is off, where \['timeout_micros'\] make no sense"):
        first.changed(False, {"timeout_micros": 3}, {})


def test_cores_reach_the_threads() -> None:
    command = ServerSettings(cores=4).command()
    assert "--tensorflow_inter_op_parallelism=4" in command
    assert "--tensorflow_intra_op_parallelism=1" in command
    # The server refuses to start with labels otherwise.
    assert "--allow_version_labels_for_unavailable_models=true" in command
