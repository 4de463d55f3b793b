-- Concern: which single rows are shared with the session (O8). The time of the statement decides: what has ended is without
-- effect, whatever a profile still says. Definer: whose shares there are is not the caller's to read. In PL/pgSQL, which keeps
-- plans, where a function in SQL is planned anew in each statement.

create or replace function access.shared_rows(shared_module text, shared_action text) returns uuid[]
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select array(
      select s.row_id from access.share s
       where s.account_id = (select access.account_id()) and s.user_id = (select access.user_id())
         and s.module = shared_module and shared_action = any (s.actions) and s.valid @> statement_timestamp()
      union
      select s.row_id from access.share s
       where s.account_id = (select access.account_id()) and s.team_id = any ((select access.team_keys())::uuid[])
         and s.module = shared_module and shared_action = any (s.actions) and s.valid @> statement_timestamp()
    )
  );
end $$;
comment on function access.shared_rows(text, text) is
  'Ids of the rows of a module that are shared with the session for an action now: with the user, or with a team that it reaches (T4).';

create or replace function access.shared_rows_to_change(governing_module text, shared_module text) returns uuid[]
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select array(
      select s.row_id from access.share s
       where s.account_id = (select access.account_id()) and s.module = shared_module
         and (s.user_id = (select access.user_id()) or s.team_id = any ((select access.team_keys())::uuid[]))
         and s.valid @> statement_timestamp()
         and exists (
           select from access_private.profile_capability c
            where c.profile = (select access.profile()) and c.module = governing_module and c.scope = 'shared'
              and c.action = any (s.actions)
              and c.action in (
                {% for action, scoped in registry.changes if scoped %}'{{ action }}'{{ ', ' if not loop.last }}{% endfor %}
              )
         )
    )
  );
end $$;
comment on function access.shared_rows_to_change(text, text) is
  'Ids of the rows that are shared with the session for an action that is an UPDATE and that its profile knows; the action wall tells the actions apart.';

create or replace function access.is_shared(
  governing_module text, shared_action text, shared_module text, shared_row uuid
) returns boolean
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select exists (
      select from access_private.profile_capability c
       where c.profile = access.profile() and c.module = governing_module and c.action = shared_action and c.scope = 'shared'
    ) and exists (
      select from access.share s
       where s.account_id = (select access.account_id()) and s.row_id = shared_row and s.module = shared_module
         and (s.user_id = (select access.user_id()) or s.team_id = any ((select access.team_keys())::uuid[]))
         and shared_action = any (s.actions) and s.valid @> statement_timestamp()
    )
  );
end $$;
comment on function access.is_shared(text, text, text, uuid) is
  'Whether a row is shared with the session for an action now, and the session''s profile knows the action for the module (O8).';
