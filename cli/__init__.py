"""The `cloison` command: one module per verb."""
