"""Training recipes by name."""
