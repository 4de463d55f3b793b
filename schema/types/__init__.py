"""The object types of the API: one file per module, and those that all modules share."""
