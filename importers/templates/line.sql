-- Concern: the line of the file that a staged row came from.
-- $1 number of the row.
select s.line from pg_temp.{{ block.table }} as s where s.n = $1
