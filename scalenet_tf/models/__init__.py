"""Networks in Keras: the super-supernet, the plain model of one subnet, and weights between the two."""
