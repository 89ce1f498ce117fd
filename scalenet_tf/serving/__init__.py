"""Files for TensorFlow Serving, and the check of a running server.

Importing this package imports no TensorFlow; its modules that read or write SavedModels do.
"""
