"""The command `scalenet`."""

__all__: list[str] = []
