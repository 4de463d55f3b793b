-- Concern: what was done under an idempotency key, so that a retry is answered and does nothing.
set local role cloison_owner;

-- No references: what a key made may be gone before the key is.
create table access_private.answer (
  account_id uuid not null,
  user_id uuid not null,
  key text collate "C" not null check (char_length(key) between 1 and 255),
  mutation text collate "C" not null,
  fingerprint bytea not null,
  made text collate "C",
  visible boolean not null default false,
  at timestamptz not null default clock_timestamp(),
  primary key (account_id, user_id, key)
);
comment on table access_private.answer is
  'Keys of members, each with the mutation that was done under it: a fingerprint of its input, and what it made.';
comment on column access_private.answer.made is 'The row''s id, or what the function answered; null until it is done.';
comment on column access_private.answer.visible is 'Whether who made it saw it at once.';

create index answer_age on access_private.answer (at);
