-- Concern: identifiers of rows.

-- RFC 9562, section 5.7: 48 bits of Unix milliseconds, then random bits. PostgreSQL 18 has its own.
create or replace function access.uuid_v7() returns uuid
  language sql volatile parallel safe
  return encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid()),
          substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint), 3),
          1, 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid;
comment on function access.uuid_v7() is 'A new time-ordered UUID (RFC 9562, version 7).';
