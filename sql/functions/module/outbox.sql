-- Concern: what is sent to a list goes into the outbox, once, as it is at that moment, with those on the list whom the sender
-- may view then (C2). The engine writes it, since nobody may say who received what; whom the sender sees is asked as his policies ask.
{% set link = m.sends_to -%}
{% if link %}
{% set lists = registry.by_name[link.target] -%}
{% set pairs = lists.to_many | first -%}
{% set people = registry.by_name[pairs.target] -%}
create or replace function access_private.outbox_{{ m.name }}() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  mask integer := access.reach('{{ people.governing }}', 'view');
  reached uuid[];
  hidden bigint;
  {%- if pairs.known %}
  found_by text;
  {%- endif %}
begin
  -- What comes back from the trash was sent before.
  if exists (
    select from access.trash e
     where e.account_id = new.account_id and e.row_id = new.id and e.module = '{{ m.name }}' and e.restoring
  ) then
    return null;
  end if;
  {% if pairs.known -%}
  -- The sender sees the list, and so its kind.
  select t.{{ pairs.known[0] }} into found_by from {{ lists.table }} t
   where t.account_id = new.account_id and t.id = new.{{ link.column }};
  if found_by is distinct from '{{ pairs.known[1] }}' then
    perform access.bad_input('{{ link.column }}', format(
      'is a list of kind %s, of which nobody here knows who is on it: send to a list of kind {{ pairs.known[1] }}', found_by
    ));
  end if;
  {% endif -%}
  select coalesce(array_agg(p.id order by p.id) filter (where p.seen), '{}'), count(*) filter (where not p.seen)
    into reached, hidden
    from (
      select t.id,
             access.{{ people.reach }}_within(mask, {{ people.reach_of('t') }}, me, keys)
             {%- for module, column in people.share_keys %}
               or access.is_shared('{{ people.governing }}', 'view', '{{ module }}', t.{{ column }})
             {%- endfor %} as seen
        from crm.{{ pairs.through }} l
        join {{ people.table }} t on t.account_id = l.account_id and t.id = l.{{ pairs.target_column }}
       where l.account_id = new.account_id and l.{{ pairs.column }} = new.{{ link.column }}
    ) p;
  -- It goes out once: what would reach nobody has not gone out.
  if reached = '{}' then
    perform access.conflict(case
      when hidden = 0 then 'it would reach nobody: there is nobody on the list'
      else format('it would reach nobody: the list has %s, all of whom are left out, since you may not view them', hidden)
    end);
  end if;
  insert into access.outbox (account_id, module, row_id, list_id, sent_by, recipients, left_out)
  values (new.account_id, '{{ m.name }}', new.id, new.{{ link.column }}, me, reached, hidden);
  insert into access.outbox_content (account_id, module, row_id, content)
  values (new.account_id, '{{ m.name }}', new.id, jsonb_build_object(
    {%- for column in m.content %}'{{ column.name }}', new.{{ column.name }}{{ ', ' if not loop.last }}{% endfor -%}
  ));
  return null;
end $$;
comment on function access_private.outbox_{{ m.name }}() is
  'After a row was sent: one line of the outbox, with those whom the sender may view, and how many he may not, and what was sent (C2, C3). Refuses what would reach nobody.';

create or replace view {{ m.sent_view }} with (security_invoker = true, security_barrier = false) as
  select o.account_id, o.row_id as id
         {%- for column in m.content %},
         {% if column.type == 'text' -%}
         (o.content ->> '{{ column.name }}') collate "C" as {{ column.name }}
         {%- else -%}
         (o.content ->> '{{ column.name }}')::{{ column.type }} as {{ column.name }}
         {%- endif %}
         {%- endfor %}
    from access.outbox_content o
   where o.module = '{{ m.name }}';
comment on view {{ m.sent_view }} is 'What was sent of {{ m.name }}, as it was then: for whoever may view the row, and whoever sent it.';
alter view {{ m.sent_view }} owner to cloison_owner;
{% endif %}
