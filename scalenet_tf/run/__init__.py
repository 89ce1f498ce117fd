"""A run directory: its configuration, the layout of its files, and the results stored in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.run.data_info import DataInfo as DataInfo
    from scalenet_tf.run.data_info import read_data_info as read_data_info
    from scalenet_tf.run.exports import Format as Format
    from scalenet_tf.run.family import Family as Family
    from scalenet_tf.run.family import Member as Member
    from scalenet_tf.run.family import read_family as read_family
    from scalenet_tf.run.metrics import Metrics as Metrics
    from scalenet_tf.run.metrics import read_metrics as read_metrics
    from scalenet_tf.run.run import Run as Run
    from scalenet_tf.run.search_result import SearchResult as SearchResult
    from scalenet_tf.run.search_result import read_search_result as read_search_result
    from scalenet_tf.run.supernet_done import SupernetDone as SupernetDone
    from scalenet_tf.run.supernet_done import read_supernet_done as read_supernet_done

# The command line imports `Format` from here: showing its help must not import everything that `Run` needs.
_HOMES = {
    "DataInfo": "data_info",
    "Family": "family",
    "Format": "exports",
    "Member": "family",
    "Metrics": "metrics",
    "Run": "run",
    "SearchResult": "search_result",
    "SupernetDone": "supernet_done",
    "read_data_info": "data_info",
    "read_family": "family",
    "read_metrics": "metrics",
    "read_search_result": "search_result",
    "read_supernet_done": "supernet_done",
}
__all__ = [
    "DataInfo",
    "Family",
    "Format",
    "Member",
    "Metrics",
    "Run",
    "SearchResult",
    "SupernetDone",
    "read_data_info",
    "read_family",
    "read_metrics",
    "read_search_result",
    "read_supernet_done",
]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
