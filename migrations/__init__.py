"""The database's structure (revisions) and its current truth (sql/), and how both are brought into force."""
