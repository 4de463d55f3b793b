-- Concern: what was sent to lists, as it was when it was sent (C3).
set local role cloison_owner;

-- Beside the line of the outbox, since others see it: whoever may view the row, but not who received it.
create table access.outbox_content (
  account_id uuid not null,
  module text collate "C" not null,
  row_id uuid not null,
  content jsonb not null,
  primary key (account_id, module, row_id)
);
comment on table access.outbox_content is
  'What was sent to a list, as it was at that moment: the columns of the row that say something. What was sent before this table was made has none.';
