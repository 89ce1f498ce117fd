"""The images of an Examples artifact, as the gates read them."""

from __future__ import annotations

from components.common.runs import PUT_BACK
from scalenet_tf.config.load_run import load_run_config
from scalenet_tf.data import DataInfo, DataSet, load_new_data
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.value_file import read_value


def open_test_split(examples: str, trained: RunFolder, *, skip_corrupt: bool | None = None) -> DataSet:
    """Opens Split-test as the images were read that the model was trained on.

    Args:
      examples: Folder of the artifact.
      trained: Folder of the trained model, with its config.yaml and data.json.
      skip_corrupt: Whether to leave out images that cannot be decoded. Default: as in its configuration.
    """
    run = load_run_config(trained.config_file)
    config = run.data
    info = read_value(trained.data_file, DataInfo, PUT_BACK)
    changes = {
        "source": f"tfrecord:{examples}",
        "image_size": info.image_size,
        "channels": info.channels,
        "skip_corrupt": config.skip_corrupt if skip_corrupt is None else skip_corrupt,
    }
    return load_new_data(config.model_copy(update=changes), run.task)
