"""Measurements on this device: blocks, members and their runtimes. Importing it imports no runtime."""
