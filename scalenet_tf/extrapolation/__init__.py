"""The step `scale`: the searched scalings continued to stages that were never trained."""
