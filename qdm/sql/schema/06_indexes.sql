-- Indexes by use: which columns people sort, filter and search by, and what follows of it.

create table if not exists qdm.column_use (
  ws text not null, term bigint not null, requisite bigint not null,
  -- s: sorted or compared, asks for a btree; g: looked into, asks for the table's trigrams. requisite 0: the main value.
  kind "char" not null,
  uses bigint not null, last timestamptz not null,
  primary key (ws, term, requisite, kind)
);

create or replace function qdm.count_uses(workspaces text[], terms bigint[], requisites bigint[], kinds text[],
                                          uses bigint[]) returns void
  language sql
  as $$
    insert into qdm.column_use as old (ws, term, requisite, kind, uses, last)
    select u.ws, u.term, u.requisite, u.kind::"char", sum(u.uses), now()
    from unnest(workspaces, terms, requisites, kinds, uses) u(ws, term, requisite, kind, uses)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (ws, term, requisite, kind) do update set uses = old.uses + excluded.uses, last = now()
  $$;

-- What is searched inside texts: every run of three characters of any of them, in lower case. Cut three times, a
-- character further each time, by the regular expression of the server: about 30 us for 150 characters, a third of what
-- a loop takes in SQL or PL/pgSQL. Dear beside a comparison, so that a plan tests it last. Ends shorter than three do no
-- harm.
create or replace function qdm.trigrams(texts text[]) returns text[]
  language sql immutable parallel safe cost 500
  as $$
    select string_to_array(regexp_replace(t, '(...)', E'\\1\x01', 'g') || E'\x01'
                        || regexp_replace(substr(t, 2), '(...)', E'\\1\x01', 'g') || E'\x01'
                        || regexp_replace(substr(t, 3), '(...)', E'\\1\x01', 'g'), E'\x01')
    from (select lower(array_to_string(texts, E'\n') collate qdm.fold)) k(t)
  $$;

-- Those of a text that is looked for, of three characters at least.
create or replace function qdm.trigrams_in(pattern text) returns text[]
  language sql immutable parallel safe
  as $$
    select array_agg(distinct substr(lower(pattern collate qdm.fold), i, 3))
    from generate_series(1, length(pattern) - 2) i
  $$;

create or replace function qdm.lines(texts text[]) returns text
  language sql immutable parallel safe
  as $$ select array_to_string(texts, E'\n') $$;

-- Every index by use of the workspace, those that stand and those that are wanted. t_<term>_s<requisite> is a btree of
-- the order; t_<term>_g<hash of its columns> holds the trigrams of all texts of the table, so that another column asks
-- for another index: qdm.query.inside says the same. `least_rows`: a smaller table is read as quickly without;
-- `least_uses`: once or twice is no habit; `per_table`: every index is paid for by each write; `keep`: days without use
-- after which one is dropped.
create or replace function qdm.indexes_by_use(ws text, least_rows bigint, least_uses bigint, per_table int, keep int)
  returns table (name text, definition text, uses bigint, stands boolean, valid boolean, wanted boolean)
  language plpgsql stable
  as $$
begin
  return query execute format($q$
    with standing as (
      select c.relname::text as name, i.indisvalid as valid, substring(c.relname from '^t_(\d+)_')::bigint as term
      from pg_class c join pg_index i on i.indexrelid = c.oid
      where c.relnamespace = %1$L::regnamespace and c.relname ~ '^t_\d+_(s\d+|g[0-9a-f]+)$'
    ),
    texts as (
      select q.term, left(md5(string_agg(q.id::text, ',' order by q.id)), 8) as hash,
             string_agg(format(case when q.multiple then ', qdm.lines(r%%s)' else ', r%%s' end, q.id), '' order by q.id)
               as columns
      from %1$I.requisite q
      where not q.subtable and q.target is null and qdm.sql_type(q.base) = 'text' and q.base <> 6
      group by q.term
    ),
    used as (
      select format('t_%%s_s%%s', u.term, u.requisite) as name, u.term, u.uses,
             case when qdm.sql_type(q.base) = 'text' then format('((qdm.key(r%%s) collate "C"), id)', q.id)
                  else format('(r%%s, id)', q.id) end as parts
      from qdm.column_use u join %1$I.requisite q on q.id = u.requisite and q.term = u.term
      where u.ws = %1$L and u.kind = 's' and u.last > now() - make_interval(days => $4)
        -- The main value, references and UNIQUE values are indexed always; yes and no sorts nothing.
        and not q.multiple and not q.subtable and q.target is null and q.base <> 11
        and not (q.uniq and qdm.sql_type(q.base) <> 'text')
      union all
      select format('t_%%s_g%%s', u.term, coalesce(x.hash, left(md5(''), 8))), u.term, max(u.uses),
             format('using gin ((qdm.trigrams(array[val%%s]) collate "C"))', x.columns)
      from qdm.column_use u left join texts x on x.term = u.term
      where u.ws = %1$L and u.kind = 'g' and u.last > now() - make_interval(days => $4)
        and (u.requisite = 0 or exists (
              select from %1$I.requisite q where q.id = u.requisite and q.term = u.term and not q.subtable
              and q.target is null and qdm.sql_type(q.base) = 'text' and q.base <> 6))
      group by u.term, x.hash, x.columns
    ),
    asked as (
      select u.*, u.uses >= $2 and c.reltuples >= $1 as habit
      from used u join %1$I.term t on t.id = u.term and t.projected
      join pg_class c on c.oid = to_regclass(format('%%I.t_%%s', %1$L, u.term))
    ),
    ranked as (
      select a.*, s.name is not null and s.valid as there,
             row_number() over (partition by a.term, s.name is not null and s.valid order by a.uses desc, a.name)
               + (select count(*) from standing o where o.term = a.term and o.valid) as place
      from asked a left join standing s on s.name = a.name
      where a.habit or s.name is not null
    )
    select coalesce(r.name, s.name), case when r.name is not null then
             format('create index concurrently %%I on %1$I.t_%%s %%s', r.name, r.term, r.parts) end,
           coalesce(r.uses, 0)::bigint, s.name is not null, coalesce(s.valid, false),
           r.name is not null and (r.there or (r.habit and r.place <= $3))
    from ranked r full join standing s on s.name = r.name
  $q$, ws) using least_rows, least_uses, per_table, keep;
end $$;
