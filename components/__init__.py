"""Pipeline steps: a folder each, with a typed interface (component.py) and a plain executor (executor.py)."""
