-- Concern: the errors that the product raises itself. SQLSTATE tells the kind, DETAIL is JSON for machines.

create or replace function access.forbid(
  module_name text, action_name text, tier text default null, hubs text[] default null
) returns void
  language plpgsql immutable
as $$
begin
  raise exception using
    errcode = 'U0403',
    message = case
      when tier is null then format('you may not %s here', replace(action_name, '_', ' '))
      else format(
        '%s can be restricted and given to teams from tier %s%s upwards', replace(module_name, '_', ' '), tier,
        coalesce(' of ' || array_to_string(hubs, ' or '), '')
      )
    end,
    detail = jsonb_strip_nulls(jsonb_build_object(
      'module', module_name, 'action', action_name, 'requestable', true, 'tier', tier, 'hubs', to_jsonb(hubs)
    ))::text;
end $$;
comment on function access.forbid(text, text, text, text[]) is
  'Raises U0403: the action is not held for this row or module (A2); or the account lacks the tier, in one of these hubs.';

create or replace function access.not_found(module_name text, field text default null) returns void
  language plpgsql immutable
as $$
begin
  raise exception using
    errcode = 'U0404',
    message = 'there is no such row, or you may not see it',
    detail = jsonb_strip_nulls(jsonb_build_object('module', module_name, 'field', field))::text;
end $$;
comment on function access.not_found(text, text) is 'Raises U0404: hidden and absent look the same.';

create or replace function access.bad_input(field text, reason text) returns void
  language plpgsql immutable
as $$
begin
  raise exception using
    errcode = 'U0400', message = reason,
    detail = jsonb_build_object('fields', jsonb_build_object(field, reason))::text;
end $$;
comment on function access.bad_input(text, text) is 'Raises U0400: what is wrong with which field.';

create or replace function access.conflict(reason text) returns void
  language plpgsql immutable
as $$
begin
  raise exception using errcode = 'U0409', message = reason, detail = '{}';
end $$;
comment on function access.conflict(text) is 'Raises U0409: the change contradicts the present state.';

-- Text, so that it can stand where an answer would.
create or replace function access.limit_exceeded(limit_name text, value bigint, actual bigint) returns text
  language plpgsql immutable
as $$
begin
  raise exception using
    errcode = 'U0413',
    message = format('the limit %s is %s, and this has %s', limit_name, value, actual),
    detail = jsonb_build_object('limit', limit_name, 'value', value, 'actual', actual)::text;
end $$;
comment on function access.limit_exceeded(text, bigint, bigint) is 'Raises U0413: an answer is larger than any may be.';
