-- Concern: pairing {{ m.name }} with other modules is a change of {{ m.name }}: it needs `update` of the {{ m.singular }}, and both
-- ends must be seen by the caller.
{% for link in m.to_many %}
create or replace function access_private.wall_{{ link.through }}() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  pair crm.{{ link.through }} := coalesce(new, old);
  subject crm.{{ m.name }};
begin
  if current_user = 'cloison_engine' then
    return coalesce(new, old);
  end if;
  select * into subject from crm.{{ m.name }} t where t.account_id = pair.account_id and t.id = pair.{{ link.column }};
  if not found then
    perform access.not_found('{{ m.name }}', '{{ link.column }}');
  end if;
  if (
    access.{{ m.reach }}_within(
      access.reach('{{ m.governing }}', '{{ m.needed('update') }}'), {{ m.reach_of('subject') }}, access.user_id(), access.team_keys()
    )
    {%- for module, column in m.share_keys %}
    or access.is_shared('{{ m.governing }}', '{{ m.needed('update') }}', '{{ module }}', subject.{{ column }})
    {%- endfor %}
  ) is not true then
    perform access.forbid('{{ m.governing }}', '{{ m.needed('update') }}');
  end if;
  if tg_op = 'INSERT' and not exists (
    select from crm.{{ link.target }} t where t.account_id = pair.account_id and t.id = pair.{{ link.target_column }}
  ) then
    perform access.not_found('{{ link.target }}', '{{ link.target_column }}');
  end if;
  return coalesce(new, old);
end $$;
comment on function access_private.wall_{{ link.through }}() is
  'Before a pair is made or ended: update of the {{ m.singular }}, and both ends seen.';
{% endfor %}
