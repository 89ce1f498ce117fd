"""The pipeline on this machine: a supervisor, the process that KFP's local runner runs in, and its steps."""
