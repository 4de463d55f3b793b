"""The harness that measures, and what it measured."""
