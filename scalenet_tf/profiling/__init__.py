"""Latency, size and memory of exported members on this device. Importing it imports no runtime."""
