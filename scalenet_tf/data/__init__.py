"""Image data: three disjoint splits, batches at any resolution, reproducible order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.data.dataset import DataSet as DataSet
    from scalenet_tf.data.load import load_data as load_data
    from scalenet_tf.data.load import load_new_data as load_new_data
    from scalenet_tf.data.run_data import load_ahead as load_ahead
    from scalenet_tf.data.run_data import open_data as open_data
    from scalenet_tf.run.data_info import DataInfo as DataInfo

_HOMES = {
    "DataInfo": "run_data",
    "DataSet": "dataset",
    "load_ahead": "run_data",
    "load_data": "load",
    "load_new_data": "load",
    "open_data": "run_data",
}
__all__ = ["DataInfo", "DataSet", "load_ahead", "load_data", "load_new_data", "open_data"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
