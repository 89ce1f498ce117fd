"""The joint search of a base architecture and the scaling of each stage."""
