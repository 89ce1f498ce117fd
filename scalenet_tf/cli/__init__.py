"""The command `scalenet`."""
