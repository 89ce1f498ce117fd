"""One search on many machines: a chief hands out subnets, and workers score them."""
