-- Concern: dry runs (X2): what may be undone alone, and whom and what a change concerns. A dry run notes what there was, makes
-- the change, and counts as each member whom it concerns, before and after, by sql/functions/870_preview.sql.

create or replace function access_private.present_preview() returns access_private.preview
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select p from access_private.preview p
     where p.account_id = access.account_id() and p.xid = pg_current_xact_id_if_assigned() and p.user_id = access.user_id();
  end;
comment on function access_private.present_preview() is 'The dry run that this transaction is; null where it is none.';

create or replace function access.begin_preview() returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user <> 'cloison_gateway' or access.user_id() is null then
    raise exception using errcode = '25001', message = 'a dry run is a member''s';
  end if;
  insert into access_private.preview (account_id, xid, user_id)
  values (access.account_id(), pg_current_xact_id(), access.user_id());
  insert into access_private.preview_profile (account_id, xid, user_id, profile, team_keys)
    select s.account_id, pg_current_xact_id(), s.user_id, s.profile, s.team_keys
      from access_private.session_profile s
     where s.account_id = access.account_id() and s.valid @> clock_timestamp()
    on conflict do nothing;
  -- So that rows whose owner or teams change are noted; whoever sets it himself notes nothing.
  perform set_config('cloison.preview', 'on', true);
end $$;
comment on function access.begin_preview() is
  'Makes the transaction a dry run: it notes what everybody holds and reaches, and can only be rolled back (X2).';

create or replace function access_private.refuse_commit() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = '2D000', message = 'a dry run is rolled back';
end $$;
comment on function access_private.refuse_commit() is 'At the end of a transaction that is a dry run: refuses to commit it.';

-- By the setting it costs others nothing.
create or replace function access_private.note_row(
  account uuid, changed_module text, changed_row uuid, people uuid[], keys uuid[]
) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if nullif(current_setting('cloison.preview', true), '') is not null then
    insert into access_private.preview_row (account_id, xid, module, row_id, people, team_keys)
      select p.account_id, p.xid, changed_module, changed_row, array_remove(people, null), keys
        from access_private.preview p where p.account_id = account and p.xid = pg_current_xact_id()
      on conflict do nothing;
  end if;
end $$;
comment on function access_private.note_row(uuid, text, uuid, uuid[], uuid[]) is
  'In a dry run: notes a row whose owner or teams changed, with whose it was and the keys by which teams reached it.';

create or replace function access_private.previews_others() returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  return access.reach('users', 'view') <> 0 or access.reach('teams', 'configure') <> 0 or access.reach('roles', 'configure') <> 0;
comment on function access_private.previews_others() is
  'Whether a dry run tells the session of others than himself: of whoever may set up access or see who has which rights.';

-- The only function that says as whom a dry run may count, for access.counted_as alone. Open cursors are refused: one that
-- was opened as somebody would be read as somebody else. The statement that runs has no name.
create or replace function access.preview_identity(member uuid, out profile name, out team_keys uuid[])
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- Counting as somebody, the session is nobody whose dry run it is: so this is not asked from within.
  if access_private.present_preview() is null
     or member is distinct from access.user_id() and not access_private.previews_others() then
    raise exception using errcode = '25001', message = 'nobody else is acted as but to count in a dry run';
  end if;
  if exists (select from pg_catalog.pg_cursors c where c.name <> '') then
    raise exception using errcode = '25001', message = 'a dry run does not go with open cursors';
  end if;
  select s.profile, s.team_keys into profile, team_keys
    from access_private.session_profile s
   where s.account_id = access.account_id() and s.user_id = member and s.valid @> clock_timestamp();
end $$;
comment on function access.preview_identity(uuid) is
  'In a dry run: the profile and the reach with which a member acts now; nulls where he may not act, 25001 anywhere else.';
