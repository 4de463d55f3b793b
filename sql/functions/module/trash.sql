{%- set own = {
  'owner_id': 'd.owner_id' if m.own_columns else 'null::uuid',
  'team_id': 'd.team_id' if m.reach == 'record' else 'null::uuid',
  'open_to_all': 'd.open_to_all' if m.reach == 'record' else 'false',
  'team_ids': 'd.team_ids' if m.reach == 'asset' else "'{}'",
  'restricted': 'd.restricted' if m.reach == 'asset' else 'false'
} -%}
-- Concern: deleted rows of {{ m.name }} go to the trash, whoever deletes them and how many. What belonged to another row that
-- went in this same transaction went with it: it is restored with that one, and not by itself.

create or replace function access_private.trash_{{ m.name }}() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  who uuid := access_private.actor();
begin
  insert into access.trash (
    account_id, module, row_id, part_of, label, content, creator, {{ own | join(', ') }}, deleted_by, operator
  )
  select d.account_id, '{{ m.name }}', d.id,
         {% if m.parents -%}
         (
           select e.id from access.trash e
            where e.account_id = d.account_id
              and e.row_id = coalesce({% for link in m.parents %}d.{{ link.column }}{{ ', ' if not loop.last }}{% endfor %})
              and e.module in ({% for link in m.parents %}'{{ link.target }}'{{ ', ' if not loop.last }}{% endfor %})
              and e.transaction_id = pg_current_xact_id() and e.deleted_at >= now()
            order by e.id desc limit 1
         ),
         {%- else -%}
         null,
         {%- endif %}
         left(d.{{ m.label }}, 300), to_jsonb(d) - '{{ '{' }}{{ m.generated | join(',') }}{{ '}' }}'::text[], d.{{ m.creator }},
         {{ own.values() | join(', ') }},
         who, case when who is null then session_user end
    from deleted d
      on conflict do nothing;
  return null;
end $$;
comment on function access_private.trash_{{ m.name }}() is 'After delete: the rows are in the trash, with who deleted them.';
