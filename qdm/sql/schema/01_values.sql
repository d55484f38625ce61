-- Canonical text -> typed value, NULL when the text does not fit: what fills a typed projection column.
-- The Python codecs (qdm/types) write this canonical text; tests/db/test_codecs_agree.py holds both to the same answers.

create schema if not exists qdm;

-- Case folding that knows Cyrillic whatever the database's own locale is: COLLATE "C" lowers ASCII only.
do $$
begin
  if not exists (select from pg_collation where collname = 'fold' and collnamespace = 'qdm'::regnamespace) then
    if current_setting('server_version_num')::int >= 170000 then
      execute 'create collation qdm.fold (provider = builtin, locale = ''C.UTF-8'')';
    else
      execute 'create collation qdm.fold (provider = libc, locale = ''C.UTF-8'')';
    end if;
  end if;
end $$;

-- The key text is ordered and compared by: lower case of the first 127 characters, byte order (the reference's rule).
create or replace function qdm.key(v text) returns text
  language sql immutable parallel safe
  as $$ select lower(left(v, 127) collate qdm.fold) collate "C" $$;

-- Up to 38 digits on either side of the point. Counting repetitions makes a pattern six times dearer, so short texts,
-- which cannot have more, are held to one that does not count. So with the other casts: an import is made of them.
create or replace function qdm.to_number(v text) returns numeric
  language sql immutable parallel safe
  as $$ select case
          when octet_length(v) <= 38 then case when v ~ '^-?[0-9]+(\.[0-9]+)?$' then v::numeric end
          when v ~ '^-?[0-9]{1,38}(\.[0-9]{1,38})?$' then v::numeric
        end $$;

-- Plain notation, or one digit before the point with an exponent that stays inside double precision.
create or replace function qdm.to_float(v text) returns double precision
  language sql immutable parallel safe
  as $$ select case
          when octet_length(v) <= 38 and v ~ '^-?[0-9]+(\.[0-9]+)?$' then v::double precision
          when v ~ '^-?[0-9]{1,38}(\.[0-9]{1,38})?$' then v::double precision
          when v ~ '^-?[1-9](\.[0-9]{1,17})?[eE][-+]?([0-9]{1,2}|[12][0-9]{2}|30[0-7])$' then v::double precision
        end $$;

create or replace function qdm.to_date(v text) returns date
  language sql immutable parallel safe
  as $$ select case
          when v ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left(v, 4) <> '0000'
           and (substr(v, 9, 1) < '2' or substr(v, 9, 2)::int <= case substr(v, 6, 2)
                 when '02' then case when left(v, 4)::int % 4 = 0
                                      and (left(v, 4)::int % 100 <> 0 or left(v, 4)::int % 400 = 0)
                                     then 29 else 28 end
                 when '04' then 30 when '06' then 30 when '09' then 30 when '11' then 30
                 else 31 end)
          then make_date(left(v, 4)::int, substr(v, 6, 2)::int, substr(v, 9, 2)::int)
        end $$;

-- Wall clock, no zone: `2025-12-31T13:45:00`; a space for the T, missing seconds or a bare date are read too.
create or replace function qdm.to_timestamp(v text) returns timestamp
  language sql immutable parallel safe
  as $$ select case
          when octet_length(v) = 10 then qdm.to_date(v)::timestamp
          -- nearly all: whole seconds, and a day that every month has
          when octet_length(v) = 19 and substr(v, 9, 2) < '29' and left(v, 4) <> '0000'
           and v ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9])[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$'
          then make_timestamp(left(v, 4)::int, substr(v, 6, 2)::int, substr(v, 9, 2)::int,
                              substr(v, 12, 2)::int, substr(v, 15, 2)::int, substr(v, 18)::double precision)
          when v ~ '^.{10}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$'
          then qdm.to_date(left(v, 10))
             + make_time(substr(v, 12, 2)::int, substr(v, 15, 2)::int,
                         case when length(v) > 16 then substr(v, 18)::double precision else 0 end)
        end $$;

create or replace function qdm.to_boolean(v text) returns boolean
  language sql immutable parallel safe
  as $$ select case
          when v = '1' then true
          when v = '0' then false
          when qdm.key(v) in ('1', 'true', 't', 'yes', 'да') then true
          when qdm.key(v) in ('0', 'false', 'f', 'no', 'нет') then false
        end $$;

create or replace function qdm.to_uuid(v text) returns uuid
  language sql immutable parallel safe
  as $$ select case when v ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then v::uuid end $$;

-- Column type of a base type (qdm.types.base.BaseType).
create or replace function qdm.sql_type(base int) returns text
  language sql immutable parallel safe
  as $$ select case base when 4 then 'timestamp without time zone' when 9 then 'date' when 11 then 'boolean'
                         when 13 then 'numeric' when 14 then 'double precision' when 16 then 'uuid' else 'text' end $$;

-- The expression that turns a text expression into the column's type.
create or replace function qdm.typed(base int, expression text) returns text
  language sql immutable parallel safe
  as $$ select case base when 4 then format('qdm.to_timestamp(%s)', expression)
                         when 9 then format('qdm.to_date(%s)', expression)
                         when 11 then format('qdm.to_boolean(%s)', expression)
                         when 13 then format('qdm.to_number(%s)', expression)
                         when 14 then format('qdm.to_float(%s)', expression)
                         when 16 then format('qdm.to_uuid(%s)', expression)
                         else expression end $$;
