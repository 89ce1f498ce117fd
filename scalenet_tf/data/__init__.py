"""Image data: three disjoint splits, batches at any resolution, reproducible order. Imports TensorFlow."""

from scalenet_tf.data.dataset import DataSet as DataSet
from scalenet_tf.data.load import load_ahead as load_ahead
from scalenet_tf.data.load import load_data as load_data
from scalenet_tf.data.load import load_new_data as load_new_data
from scalenet_tf.data.load import open_data as open_data
from scalenet_tf.data.resize import resize as resize
from scalenet_tf.run.data_info import DataInfo as DataInfo
