"""Our counts of multiply-adds and parameters beside those of the table."""

from __future__ import annotations

from scalenet_tf.costs.macs import cost
from studies.common.items import Item
from studies.nas_bench_macro.table import Table, subnet_of


def compare_costs(table: Table) -> Item:
    """Counts the networks whose multiply-adds and parameters equal the table's to the last digit."""
    equal_macs = equal_parameters = 0
    for network in table.networks:
        ours = cost(subnet_of(table.space, network.base))
        equal_macs += ours.macs == network.macs
        equal_parameters += ours.parameters == network.parameters
    return {
        "networks": len(table.networks),
        "equal_macs": equal_macs,
        "equal_parameters": equal_parameters,
        "codes": len(table.all_means),
    }
