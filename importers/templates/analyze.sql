-- Concern: temporary tables are analyzed by nobody else. What is asked of them by more than a key is the range of a portion.
analyze pg_temp.{{ block.table }} (n, rank)
