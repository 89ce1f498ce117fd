"""Code that several benchmarks share: rows and tables of goals, command-line options."""
