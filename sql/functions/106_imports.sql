-- Concern: rows from elsewhere, many in one call, by the keys that they have there: the parts that are the same for all modules.

create or replace function access.check_import(
  source_name text, given jsonb, columns text[], sensitive text[], pairs text[]
) returns void
  language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
declare
  most constant integer := 1000;
  longest constant integer := 2000;
  unknown text;
begin
  if (char_length(source_name) between 1 and 200) is not true then
    perform access.bad_input('source', 'a source has 1 to 200 characters');
  end if;
  if jsonb_typeof(given) is distinct from 'array' then
    perform access.bad_input('rows', 'are a list');
  end if;
  if jsonb_array_length(given) > most then
    perform access.limit_exceeded('imported_rows', most, jsonb_array_length(given));
  end if;
  if exists (select from jsonb_array_elements(given) as g (item) where jsonb_typeof(g.item) <> 'object') then
    perform access.bad_input('rows', 'are objects');
  end if;
  if exists (
    select from jsonb_array_elements(given) as g (item)
     where (jsonb_typeof(g.item -> 'key') = 'string' and char_length(g.item ->> 'key') between 1 and 500) is not true
        or coalesce(jsonb_typeof(g.item -> 'sensitive'), 'object') <> 'object'
  ) then
    perform access.bad_input('key', 'a key has 1 to 500 characters');
  end if;
  -- As much as a page of the index can hold of both.
  if exists (
    select from jsonb_array_elements(given) as g (item) where octet_length(source_name) + octet_length(g.item ->> 'key') > longest
  ) then
    perform access.bad_input('key', format('source and key have at most %s bytes together', longest));
  end if;
  if exists (select from jsonb_array_elements(given) as g (item) group by g.item ->> 'key' having count(*) > 1) then
    perform access.bad_input('key', 'two rows have the same');
  end if;
  select n.name into unknown
    from (
      select jsonb_object_keys(g.item) as name, array['key', 'sensitive'] || columns || pairs as known
        from jsonb_array_elements(given) as g (item)
      union all
      select jsonb_object_keys(g.item -> 'sensitive'), sensitive
        from jsonb_array_elements(given) as g (item) where g.item ? 'sensitive'
    ) n
   where n.name <> all (n.known) limit 1;
  if unknown is not null then
    perform access.bad_input('rows', format('%s is no column that an import fills', left(unknown, 100)));
  end if;
  if exists (
    select from jsonb_array_elements(given) as g (item), unnest(pairs) as p (name)
     where g.item ? p.name and (jsonb_typeof(g.item -> p.name) <> 'array' or g.item -> p.name @> '[null]')
  ) then
    perform access.bad_input('rows', 'pairs are lists of ids');
  end if;
end $$;
comment on function access.check_import(text, jsonb, text[], text[], text[]) is
  'U0400 unless these are rows of an import: at most 1000 objects, each with a key of its own, and columns that there are; U0413 where there are more.';

create or replace function access.imported_rows(answer jsonb) returns table (
  place integer, external_id text, outcome text, id text, code text, message text, module text, action text, fields text[]
)
  language sql stable parallel safe
as $$
  select v.place, v.external_id, v.outcome, v.id, v.code, v.message, v.module, v.action, v.fields
    from jsonb_to_recordset(answer -> 'rows') as v (
           place integer, external_id text, outcome text, id text, code text, message text, module text, action text, fields text[]
         )
   order by v.place
$$;
comment on function access.imported_rows(jsonb) is 'What became of each row of an import, as the gateway tells it.';
