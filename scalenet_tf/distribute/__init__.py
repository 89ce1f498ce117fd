"""Devices and machines: strategies, TPUs, replicas, workers, clusters."""
