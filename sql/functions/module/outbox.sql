-- Concern: what is sent to a list goes into the outbox, once, with those on the list whom the sender may view at that moment
-- (C2). The engine writes it, since nobody may say who received what; whom the sender sees is asked as his policies ask.
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
begin
  -- What comes back from the trash was sent before.
  if exists (
    select from access.trash e
     where e.account_id = new.account_id and e.row_id = new.id and e.module = '{{ m.name }}' and e.restoring
  ) then
    return null;
  end if;
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
  insert into access.outbox (account_id, module, row_id, list_id, sent_by, recipients, left_out)
  values (new.account_id, '{{ m.name }}', new.id, new.{{ link.column }}, me, reached, hidden);
  return null;
end $$;
comment on function access_private.outbox_{{ m.name }}() is
  'After a row was sent: one line of the outbox, with those whom the sender may view, and how many he may not (C2, C3).';
{% endif %}
