"""Helpers that know nothing of models: files, values, logging, signals, processes, TensorFlow set-up."""

__all__: list[str] = []
