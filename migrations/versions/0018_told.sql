-- Concern: what a mutation tells beside what it made is told to a retry, too.
set local role cloison_owner;

alter table access_private.answer add column told jsonb;
comment on column access_private.answer.told is 'Cells that were asked for and not given, and those that were left.';
