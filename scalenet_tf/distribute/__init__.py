"""Distribution over devices and machines: clusters, strategies, TPUs, replicas, workers."""
