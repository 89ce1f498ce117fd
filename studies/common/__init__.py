"""Code that several studies share: items and their files, command-line options, training from scratch."""
