{% macro takes(e, g, k) -%}
{{ e }}.module = {{ g }}.module
            and (
              {{ e }}.action = {{ g }}.action or ({{ e }}.action = 'view' and ({{ k }}.on_rows or {{ g }}.action = 'configure'))
              or ({{ g }}.module, {{ g }}.action, {{ e }}.action) in (
                {% for part in registry.parts -%}
                ('{{ part[0] }}', '{{ part[1] }}', '{{ part[2] }}'){{ ', ' if not loop.last }}
                {%- endfor %}
              )
            )
            and (not {{ k }}.on_rows or {{ e }}.scope = {{ g }}.scope or 'all' in ({{ e }}.scope, {{ g }}.scope))
{%- endmacro -%}
{% macro implied_by(kept) -%}
select k.module, k.action, case when k.on_rows then k.scope else 'all' end as scope from {{ kept }} k
      union
      select k.module, 'view', k.scope from {{ kept }} k where k.on_rows
      union
      select k.module, 'view', 'all' from {{ kept }} k join access.capability c on c.module = k.module and c.action = 'view'
       where k.action = 'configure'
      union
      select k.module, p.part, k.scope
        from {{ kept }} k
        join (
          values {% for part in registry.parts %}('{{ part[0] }}', '{{ part[1] }}', '{{ part[2] }}'){{ ', ' if not loop.last }}{% endfor %}
        ) p (module, action, part) on p.module = k.module and p.action = k.action
{%- endmacro -%}
-- Concern: the effective capabilities of a member (C4, C2) at one moment, and the profile that they are. In PL/pgSQL, which
-- keeps plans: a change of a role asks this once for each of its members, and planning took most of it.

{% for name, holds in [('effective_cells', 'holds'), ('latent_cells', 'holds, or would hold if he were active,')] -%}
create or replace function access_private.{{ name }}(account uuid, member uuid, at timestamptz)
  returns table (module text, action text, scope text)
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  absent text[] := access_private.absent_from(account);
begin
  return query
    with membership as (
      select m.role_id, m.super_admin from access.membership m
       where m.account_id = account and m.user_id = member and m.valid @> at{{ " and m.status = 'active'" if name == 'effective_cells' }}
    ),
    held_role as (
      select r.id, r.builtin,
             r.id in (select m.role_id from membership m) and r.id not in (
               select tr.role_id from access.team_member tm
                 join access.team_role tr on tr.account_id = tm.account_id and tr.team_id = tm.team_id
                where tm.account_id = account and tm.user_id = member and tm.valid @> at and tr.valid @> at
             ) as own
        from access.role r
       where r.account_id = account
         and (
           r.id in (select m.role_id from membership m)
           or r.id in (
             select tr.role_id from access.team_member tm
               join access.team_role tr on tr.account_id = tm.account_id and tr.team_id = tm.team_id
              where tm.account_id = account and tm.user_id = member and tm.valid @> at and tr.valid @> at
                and exists (select from membership)
           )
         )
    ),
    -- Super admin and owner hold everything; exceptions take nothing from them.
    everything as (
      select exists (select from membership m where m.super_admin)
          or exists (select from held_role h where h.builtin = 'Owner') as held
    ),
    given as (
      select c.module, c.action, c.scope
        from (
          select h.own, x.module, x.action, x.scope
            from held_role h join access.role_cell x on x.account_id = account and x.role_id = h.id
           where x.valid @> at
          union all
          select h.own, x.module, x.action, x.scope
            from held_role h join access.builtin_role_cell x on x.role = h.builtin
        ) c
       -- Of one's own role, what whoever gave it did not hold (G1): exactly these cells, and of no other source.
       where not (
         c.own and exists (
           select from access.exception e
            where e.account_id = account and e.user_id = member and e.effect = 'withheld' and e.valid @> at
              and e.module = c.module and e.action = c.action and e.scope = c.scope
         )
       )
      union
      select e.module, e.action, e.scope from access.exception e
       where e.account_id = account and e.user_id = member and e.effect in ('grant', 'kept') and e.valid @> at
         and exists (select from membership)
    ),
    -- Taking `view` from some rows takes every action on them; taking a part of an action takes the action; taking a narrower
    -- scope from `all` takes `all`.
    kept as (
      select g.module, g.action, g.scope, k.on_rows
        from given g join access.capability k on k.module = g.module and k.action = g.action
       where k.module <> all (absent) and not exists (
         select from access.exception e
          where e.account_id = account and e.user_id = member and e.effect = 'deny' and e.valid @> at
            and {{ takes('e', 'g', 'k') }}
       )
    ),
    -- Every action on rows implies view on the same scope; configure implies view of its tool (C2). What is part of a wider
    -- action is held with it (C3).
    implied as (
      {{ implied_by('kept') }}
      union
      select k.module, k.action, 'all' from access.capability k, everything
       where everything.held and k.module <> all (absent)
    )
    select i.module, i.action, i.scope from implied i
     where i.scope = 'all'
        or not exists (
          select from implied whole
           where whole.module = i.module and whole.action = i.action and whole.scope = 'all'
        )
    union all
    -- A share widens rows: what is known of the module, on whichever scope, reaches the rows that are shared for it (O8).
    -- What belongs to a shared row follows it.
    select distinct i.module, i.action, 'shared'
      from implied i
      join access.capability k on k.module = i.module and k.action = i.action and k.on_rows
      join (
        values
        {% for m in registry.modules if m.kind in ('record', 'asset') -%}
        ('{{ m.name }}', '{{ m.name }}'),
        {% endfor -%}
        {% for m in registry.modules if m.kind == 'child' and not m.part_of -%}
        {% for link in m.parents -%}
        ('{{ link.target }}', '{{ m.name }}'),
        {% endfor -%}
        {% endfor -%}
        (null, null)
      ) follows (shared, module) on follows.module = i.module
     where i.action <> 'assign'
       and follows.shared = any ((select access_private.modules_shared_with(account, member, at))::text[])
       and not exists (
         select from implied whole
          where whole.module = i.module and whole.action = i.action and whole.scope = 'all'
       )
    union all
    -- In an account in which they are ordinary columns, sensitive ones are for whoever views the row (C9). Nobody holds
    -- view_sensitive by that: it is not to be handed on.
    select distinct i.module, 'view_sensitive', 'unmasked'
      from implied i
      join access.sensitivity s on s.account_id = account and s.module = i.module and not s.sensitive and s.valid @> at
     where i.action = 'view';
end $$;
comment on function access_private.{{ name }}(uuid, uuid, timestamptz) is
  'What a member {{ holds }} at a moment: role, joined with the roles of his teams, plus and minus exceptions, closed under C2; with the scope shared where rows are shared with him, and unmasked where sensitive columns are ordinary ones.';

{% endfor -%}
create or replace function access_private.closed_cells(cells text[]) returns text[]
  language sql stable set search_path = pg_catalog, pg_temp
  begin atomic
    with kept as (
      select k.module, k.action, split_part(cell, ':', 3) as scope, k.on_rows
        from unnest(cells) cell
        join access.capability k on k.module = split_part(cell, ':', 1) and k.action = split_part(cell, ':', 2)
    ),
    implied as (
      {{ implied_by('kept') }}
    )
    select array(
      select i.module || ':' || i.action || ':' || i.scope from implied i
       where i.scope = 'all'
          or not exists (
            select from implied whole
             where whole.module = i.module and whole.action = i.action and whole.scope = 'all'
          )
    );
  end;
comment on function access_private.closed_cells(text[]) is
  'A set of module:action:scope with what follows from it (C2, C3), and without what `all` covers.';

create or replace function access_private.team_keys_of(account uuid, member uuid, at timestamptz) returns uuid[]
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select array(
      select c.descendant_id from access.team_member t
        join access_private.team_closure c on c.account_id = t.account_id and c.ancestor_id = t.team_id
       where t.account_id = account and t.user_id = member and t.valid @> at
      union
      select '00000000-0000-0000-0000-000000000000'::uuid
      union
      -- Without teams, team scope is the whole account (T6).
      select 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid
       where not exists (select from access.team t where t.account_id = account and t.deleted_at is null)
      order by 1
    )
  );
end $$;
comment on function access_private.team_keys_of(uuid, uuid, timestamptz) is
  'Keys that a member reaches by team: own, extra and their descendants (T4, T5), rows open to all, and all rows where there are no teams (T6).';

create or replace function access_private.profile_name(cells text[], reader boolean) returns name
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    -- Roles are cluster-wide: the database's own id keeps two databases from sharing a profile.
    select format('cloison_%s_%s', case when reader then 'r' else 'p' end, left(encode(sha256(convert_to(
             i.id::text || '/' || d.oid::text || '/' || i.registry_version || '/' || array_to_string(cells, ','), 'UTF8'
           )), 'hex'), 32))::name
      from access_private.installation i, pg_catalog.pg_database d
     where d.datname = current_database()
  );
end $$;
comment on function access_private.profile_name(text[], boolean) is
  'What the profile that is a set of module:action:scope (in order) is called, made or not.';

create or replace function access_private.profile_for(cells text[], reader boolean) returns name
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  profile_name name := access_private.profile_name(cells, reader);
begin
  -- Held until the end of the transaction: what is being given to somebody is not removed, and what is being removed is
  -- waited for and made anew.
  perform from access_private.profile p where p.name = profile_name and p.sealed for key share;
  -- After a restore into another server its row is there and its role is not: roles are not in a dump.
  if found and (reader or exists (select from pg_catalog.pg_roles r where r.rolname = profile_name)) then
    return profile_name;
  end if;
  lock table access_private.profile in share row exclusive mode;
  if not exists (select from access_private.profile p where p.name = profile_name and p.sealed) then
    insert into access_private.profile (name, reader) values (profile_name, reader);
    insert into access_private.profile_capability (profile, module, action, scope)
      select profile_name, split_part(cell, ':', 1), split_part(cell, ':', 2), split_part(cell, ':', 3)
        from unnest(cells) as cell
      on conflict do nothing;
    update access_private.profile p set sealed = true where p.name = profile_name;
  end if;
  -- A reader is what analysts' policies look up; only what the gateway enters is a role.
  if not reader then
    perform access_private.make_profile_role(profile_name);
  end if;
  return profile_name;
end $$;
comment on function access_private.profile_for(text[], boolean) is
  'The profile that is a set of module:action:scope (in order), made when the set is seen for the first time.';
