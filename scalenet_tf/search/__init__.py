"""The joint search of a base architecture and of a scaling for each scaling stage."""
