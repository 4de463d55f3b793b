-- Concern: what members read, and the owner of analysts' views. Policies say which rows.
grant usage on schema access, crm to cloison_reader;
grant select on crm.people, crm.teams, crm.capabilities, crm.viewer, crm.shares to cloison_reader;
grant select (id, slug, name, kind) on access.account to cloison_reader;
grant select (id, email) on access.app_user to cloison_reader;
grant select (account_id, user_id, name) on access.member to cloison_reader;
grant select (account_id, id, name, deleted_at) on access.team to cloison_reader;
grant select on access.team_edge, access.outbox, access.outbox_content, access.share to cloison_reader;
grant execute on function
  access.has(text, text, text),
  access.reach(text, text), access.reach_of_changes(text), access.scope_bit(text),
  access.record_within(integer, uuid, uuid, uuid, uuid, uuid[]),
  access.asset_within(integer, uuid, uuid, boolean, uuid[], uuid, uuid[]),
  access.shared_within(integer, uuid, uuid, uuid[]), access.team_key(uuid, boolean),
  access.analyst(), access.is_analyst(), access.analyst_account(name), access.account_of(name), access.planned_profile(), access.profile(),
  access.has_on_any(text, text), access.has_change(text, text),
  access.shared_rows(text, text), access.shared_rows_to_change(text, text), access.is_shared(text, text, text, uuid),
  access.manages_shares(text, uuid),
  access.planned_for_gateway(), access.policy_user_id(), access.policy_team_keys(),
  access.account_id(), access.user_id(), access.team_keys(),
  access.known_people(), access.known_addresses(), access.address_of_nobody(uuid), access.knows_person(uuid), access.capabilities(), access.viewer()
  to cloison_reader;
