-- Concern: who knows of a share (O8): who has it, who gave it, and who may assign the row.
create policy account_partition on access.share as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.share is 'Shares of other accounts do not exist for the caller.';

create policy received on access.share for select to cloison_reader
  using (
    (user_id = (select access.policy_user_id()) or team_id = any ((select access.policy_team_keys())::uuid[]))
    and valid @> statement_timestamp()
  );
comment on policy received on access.share is 'Shares that the caller has now, himself or with a team that he reaches.';

create policy given on access.share for select to cloison_reader using (given_by = (select access.policy_user_id()));
comment on policy given on access.share is 'Shares that the caller gave.';

create policy managed on access.share for select to cloison_member using (access.manages_shares(module, row_id));
comment on policy managed on access.share is 'Shares of rows that the caller may assign.';
