-- Concern: the gateway's login enters members' profiles, tells stale analysts to go, and stages imports in temporary tables
-- of its own. It reads session_profile, slugs and which definitions are in force, and not one row of crm.
grant usage on schema access, access_private to cloison_gateway;
grant select on access_private.session_profile, access_private.definition to cloison_gateway;
grant select (id, slug) on access.account to cloison_gateway;
grant execute on function access.enter(text, uuid, name), access.end_stale_sessions(interval),
  access.remove_unused_profiles(interval) to cloison_gateway;
