-- Concern: what a row of {{ m.name }} may refer to. Foreign keys are checked past row-level security, so a row that one cannot
-- see could be referred to, and would thereby be told from an absent one. Invoker: it looks under the caller's policies.

create or replace function access_private.references_{{ m.name }}() returns trigger
  language plpgsql volatile set search_path = ''
as $$
begin
  if current_user = 'cloison_engine' then
    return new;
  end if;
  if tg_op = 'INSERT' and new.owner_id is not null and new.owner_id is distinct from access.user_id()
     and not exists (select from crm.people p where p.account_id = new.account_id and p.id = new.owner_id) then
    perform access.not_found('users', 'owner_id');
  end if;
  {% if m.kind == 'record' -%}
  if tg_op = 'INSERT' and new.team_id is not null
     and new.team_id is distinct from access.main_team_of(new.owner_id)
     and not exists (select from crm.teams t where t.account_id = new.account_id and t.id = new.team_id) then
    perform access.not_found('teams', 'team_id');
  end if;
  {% else -%}
  if tg_op = 'INSERT' and exists (
    select from unnest(new.team_ids) as team
     where not exists (select from crm.teams t where t.account_id = new.account_id and t.id = team)
  ) then
    perform access.not_found('teams', 'team_ids');
  end if;
  {% endif -%}
  {% for link in m.to_one -%}
  if new.{{ link.column }} is not null
     and (tg_op = 'INSERT' or new.{{ link.column }} is distinct from old.{{ link.column }})
     and not exists (
       select from crm.{{ link.target }} t where t.account_id = new.account_id and t.id = new.{{ link.column }}
     ) then
    perform access.not_found('{{ link.target }}', '{{ link.column }}');
  end if;
  {% endfor -%}
  return new;
end $$;
comment on function access_private.references_{{ m.name }}() is
  'Before insert or update: every new reference is a row that the caller sees, else U0404.';
