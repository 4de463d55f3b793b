-- Concern: no row of {{ m.name }} crosses an account boundary (T1).
-- Restrictive, so it is ANDed with every other policy: a file added later can narrow what a caller sees, never widen it past
-- the account. For members and analysts; the engine has a policy of its own, and nobody else has any.
create policy account_partition on crm.{{ m.name }} as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on crm.{{ m.name }} is 'Rows of other accounts do not exist for the caller.';
