"""Questions about the method and the product: code and data together."""
