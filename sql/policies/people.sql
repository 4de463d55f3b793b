-- Concern: what of the facts a member or an analyst may know: his account, people and teams that he may know.

-- The gateway turns a slug into an account before it has an identity; it may read nothing but ids and slugs (column grant).
create policy gateway_slug on access.account for select to cloison_gateway using (true);
comment on policy gateway_slug on access.account is 'Entering by slug.';

create policy own_account on access.account for select to cloison_reader using (id = (select access.account_of(access.planned_profile())));
comment on policy own_account on access.account is 'The account in which one acts.';

create policy known_user on access.app_user for select to cloison_reader
  using (id = any ((select access.known_addresses())::uuid[]));
comment on policy known_user on access.app_user is 'Users whom one may know (sql/functions/030_people.sql).';

create policy account_partition on access.member as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.member is 'Members of other accounts do not exist for the caller.';

create policy known_member on access.member for select to cloison_reader
  using (user_id = any ((select access.known_people())::uuid[]));
comment on policy known_member on access.member is 'Members whom one may know.';

create policy account_partition on access.team as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.team is 'Teams of other accounts do not exist for the caller.';

create policy known_team on access.team for select to cloison_reader
  using (access.has('teams', 'view', 'all') or id = any ((select access.policy_team_keys())::uuid[]));
comment on policy known_team on access.team is 'Teams that one reaches; all of them with teams view.';

create policy account_partition on access.team_edge as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.team_edge is 'Teams of other accounts do not exist for the caller.';

create policy known_edge on access.team_edge for select to cloison_reader
  using (
    access.has('teams', 'view', 'all')
    or (team_id = any ((select access.policy_team_keys())::uuid[]) and parent_id = any ((select access.policy_team_keys())::uuid[]))
  );
comment on policy known_edge on access.team_edge is 'Edges of which one knows both ends.';

-- Keys of imports: who imports a module finds his account's keys again.
create policy account_partition on access.import_key as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.import_key is 'Keys of other accounts do not exist for the caller.';

create policy import_view on access.import_key for select to cloison_member
  using (
    module = any ((select access.modules_with('import'))::text[])
    and (
      imported_by = (select access.policy_user_id())
      or case module
        {%- for m in registry.modules if 'import' in m.action_names %}
        when '{{ m.name }}' then exists (
          select from crm.{{ m.name }} t where t.account_id = import_key.account_id and t.id = row_id
        )
        {%- endfor %}
      end
    )
  );
comment on policy import_view on access.import_key is
  'Keys of modules into which the caller may import: his own, and those of rows that he sees, since keys are business keys.';

create policy import_create on access.import_key for insert to cloison_member
  with check (
    module = any ((select access.modules_with('import'))::text[]) and imported_by = (select access.policy_user_id())
  );
comment on policy import_create on access.import_key is
  'Keys of modules into which the caller may import; a trigger sees to it that the rows are his.';
