"""Image data: three disjoint splits, batches at any resolution, reproducible order. Imports TensorFlow."""

from scalenet_tf.data.dataset import DataSet
from scalenet_tf.data.load import load_data, load_new_data
from scalenet_tf.data.run_data import load_ahead, open_data
from scalenet_tf.run.data_info import DataInfo

__all__ = ["DataInfo", "DataSet", "load_ahead", "load_data", "load_new_data", "open_data"]
