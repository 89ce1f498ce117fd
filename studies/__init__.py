"""Studies: questions about the method, each a package with its code and its data. See studies/README.md."""
