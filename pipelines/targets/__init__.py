"""The targets that ship: one YAML file each."""
