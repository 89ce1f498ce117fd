"""Extrapolation: scalings for scaling stages beyond the searched ones."""
