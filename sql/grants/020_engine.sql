-- Concern: what the engine's functions touch. No TRUNCATE, no REFERENCES, no TRIGGER.
grant usage on schema access, access_private, crm, extensions to cloison_engine;
grant select, insert, update, delete on all tables in schema access, access_private, crm to cloison_engine;
revoke update, delete on access_private.past_assignment from cloison_engine;

-- The role-maker and the signaller are called by the engine and by the gateway, and see next to nothing.
grant usage on schema access_private to cloison_role_maker, cloison_signaller;
grant usage on schema access to cloison_signaller;
grant select, update on access_private.login_change to cloison_signaller;
grant execute on function access_private.has_passed_an_end(name, timestamptz) to cloison_signaller;
grant execute on function access_private.make_profile_role(name), access_private.drop_profile_role(name),
  access_private.make_login(name, text), access_private.close_login(name)
  to cloison_engine;
