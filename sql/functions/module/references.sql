-- Concern: what a row of {{ m.name }} may refer to. Foreign keys are checked past row-level security, so a row that one cannot
-- see could be referred to, and would thereby be told from an absent one. Invoker: it looks under the caller's policies.
-- Inserted rows are looked at together after their statement, since an import brings many; they are read once for whether
-- there is anything to look up, which is most often only the team. `offset 0` keeps the planner from asking for each row what
-- is asked for each distinct reference. Rows of modules are counted by an array of their ids: joined, while their table is
-- new to the planner, each would be compared with each.
{% set movable = m.to_one | rejectattr('parent') | list -%}
{# The parent of a child is looked at before, with its lock. -#}
{% set new = movable if m.kind == 'child' else m.to_one -%}
{% if new or m.kind in ('record', 'asset') %}
create or replace function access_private.references_inserted_{{ m.name }}() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  {% if m.kind in ('record', 'asset') -%}
  me uuid := access.user_id();
  {% endif -%}
  names record;
  {% if new -%}
  named uuid[];
  {% endif -%}
begin
  if current_user = 'cloison_engine' then
    return null;
  end if;
  select {% if m.kind in ('record', 'asset') -%}
         bool_or(n.owner_id is not null and n.owner_id is distinct from me) as others,
         bool_or({% if m.kind == 'record' %}n.team_id is not null{% else %}n.team_ids <> '{}'{% endif %}) as teams
         {{- ',' if new }}
         {%- endif %}
         {%- for link in new %}
         bool_or(n.{{ link.column }} is not null) as {{ link.column }}{{ ',' if not loop.last }}
         {%- endfor %}
    into names from inserted n;
  {% if m.kind in ('record', 'asset') -%}
  if names.others and exists (
    select from (
      select distinct n.owner_id from inserted n where n.owner_id is not null and n.owner_id is distinct from me offset 0
    ) named
     where not access.knows_person(named.owner_id)
  ) then
    perform access.not_found('users', 'owner_id');
  end if;
  {% endif -%}
  {% if m.kind == 'record' -%}
  -- In two steps, since most rows are in their owner's team, and the view of teams costs more to set up than to ask.
  if names.teams and exists (
    select from (select distinct n.team_id, n.owner_id from inserted n where n.team_id is not null offset 0) named
     where named.team_id is distinct from access.main_team_of(named.owner_id)
  ) then
    if exists (
      select from (select distinct n.team_id, n.owner_id from inserted n where n.team_id is not null offset 0) named
       where named.team_id is distinct from access.main_team_of(named.owner_id)
         and not exists (
           select from crm.teams t where t.account_id = access.account_id() and t.id = named.team_id
         )
    ) then
      perform access.not_found('teams', 'team_id');
    end if;
  end if;
  {% elif m.kind == 'asset' -%}
  if names.teams and exists (
    select from (select distinct unnest(n.team_ids) as team_id from inserted n offset 0) named
     where not exists (
       select from crm.teams t where t.account_id = access.account_id() and t.id = named.team_id
     )
  ) then
    perform access.not_found('teams', 'team_ids');
  end if;
  {% endif -%}
  {% for link in new -%}
  if names.{{ link.column }} then
    named := array(select distinct n.{{ link.column }} from inserted n where n.{{ link.column }} is not null);
    if cardinality(named) <> (
      select count(*) from crm.{{ link.target }} t where t.account_id = access.account_id() and t.id = any (named)
    ) then
      perform access.not_found('{{ link.target }}', '{{ link.column }}');
    end if;
  end if;
  {% endfor -%}
  return null;
end $$;
comment on function access_private.references_inserted_{{ m.name }}() is
  'After insert: every reference is a row that the caller sees, else U0404.';
{% endif %}
{% if movable -%}
create or replace function access_private.references_{{ m.name }}() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  if current_user = 'cloison_engine' then
    return new;
  end if;
  {% for link in movable -%}
  if new.{{ link.column }} is not null and new.{{ link.column }} is distinct from old.{{ link.column }}
     and not exists (
       select from crm.{{ link.target }} t where t.account_id = new.account_id and t.id = new.{{ link.column }}
     ) then
    perform access.not_found('{{ link.target }}', '{{ link.column }}');
  end if;
  {% endfor -%}
  return new;
end $$;
comment on function access_private.references_{{ m.name }}() is
  'Before update: every new reference is a row that the caller sees, else U0404.';
{% endif %}
