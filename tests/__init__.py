"""The test suite; tests/README.md says what is where and which fixtures there are."""
