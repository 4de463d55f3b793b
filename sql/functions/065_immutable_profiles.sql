-- Concern: a profile never changes, because the planner takes its capabilities for constants.

create or replace function access_private.keep_profile() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' and exists (
    select from access_private.profile p where p.name = new.profile and not p.sealed
  ) then
    return new;
  end if;
  -- Its rows go after its role, when nobody has it or could be given it any more.
  if tg_op = 'DELETE' and not exists (select from pg_catalog.pg_roles r where r.rolname = old.profile)
     and not exists (select from access_private.session_profile s where old.profile in (s.profile, s.reader_profile)) then
    return old;
  end if;
  raise exception using errcode = '55000', message = 'a profile never changes: a different set is a different profile';
end $$;
comment on function access_private.keep_profile() is 'Refuses every change of a sealed profile.';

create or replace function access_private.refuse_truncate() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = '55000', message = 'this table is not emptied';
end $$;
comment on function access_private.refuse_truncate() is 'Refuses TRUNCATE.';
