-- Concern: what the generator and the peers call. In a schema of its own, which Cloison does not know.
create schema if not exists bench;
grant usage on schema bench to cloison_reader, cloison_gateway;

create or replace function bench.pick(number bigint, seed integer, choices integer) returns integer
  language sql immutable parallel safe
  return ((hashint8extended(number, seed) & 9223372036854775807) % choices)::integer;
comment on function bench.pick(bigint, integer, integer) is
  'One of so many choices (from 0), always the same for a number and a seed.';

create or replace function bench.skewed(number bigint, seed integer, choices integer) returns integer
  language sql immutable parallel safe
  return floor(choices * power(bench.pick(number, seed, 1000000) / 1000000.0::float8, 2))::integer;
comment on function bench.skewed(bigint, integer, integer) is 'The same, low choices more often: as names of people are.';

create or replace function bench.account_of(company bigint, first integer, others integer) returns integer
  language sql immutable parallel safe
  return case when bench.pick(company, 1, 10) < first then 0 else 1 + bench.pick(company, 2, others) end;
comment on function bench.account_of(bigint, integer, integer) is
  'In which account a company is with all that belongs to it: the first (0) has so many of ten, others share the rest.';

create or replace function bench.moment(number bigint, numbers bigint) returns timestamptz
  language sql immutable parallel safe
  return timestamptz '2023-01-01 00:00:00+00' + (number * (94608000.0::float8 / numbers)) * interval '1 second';
comment on function bench.moment(bigint, bigint) is 'Three years, divided among so many rows.';

create or replace function bench.row_id(number bigint, numbers bigint, kind integer) returns uuid
  language sql immutable parallel safe
  return (
    lpad(to_hex((extract(epoch from bench.moment(number, numbers)) * 1000)::bigint), 12, '0')
    || '7' || left(md5(kind || ':' || number), 3) || '8' || substr(md5(kind || ':' || number), 4, 15)
  )::uuid;
comment on function bench.row_id(bigint, bigint, integer) is 'A UUID of version 7 of that moment, always the same.';
