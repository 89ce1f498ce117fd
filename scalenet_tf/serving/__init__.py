"""Files for TensorFlow Serving, and the check of a running server.

This package itself does not import TensorFlow; modules that read or write SavedModels do.
"""
