-- Concern: temporary tables are analyzed by nobody else.
analyze pg_temp.{{ block.table }}
