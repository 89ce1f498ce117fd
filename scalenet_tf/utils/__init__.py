"""The ground: files, values, validation, formatting, signals, processes, TensorFlow's set-up."""
