-- Concern: who sees what was sent: whoever sent it, and how many were left out; nobody writes into it but the engine.
create policy account_partition on access.outbox as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.outbox is 'What other accounts sent does not exist for the caller.';

create policy own_sends on access.outbox for select to cloison_reader
  using (sent_by = (select access.policy_user_id()));
comment on policy own_sends on access.outbox is
  'What one sent oneself: who received it, and how many were left out, was known to whom it was sent by (C2).';
