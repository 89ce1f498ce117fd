"""Pipelines over the components: compile them, run them locally, or submit them to a cluster."""
