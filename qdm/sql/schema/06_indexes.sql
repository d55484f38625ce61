-- Indexes by use: which columns people sort, filter and search by, and what follows of it.

create table if not exists qdm.column_use (
  ws text not null, term bigint not null, requisite bigint not null,
  -- s: sorted or compared, asks for a btree; g: looked into, asks for trigrams. requisite 0: the main value.
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

-- Every index by use of the workspace, those that stand and those that are wanted. t_<term>_s<requisite> is a btree of
-- the order, t_<term>_g<requisite> of trigrams. `least_rows`: a smaller table is read as quickly without;
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
      where c.relnamespace = %1$L::regnamespace and c.relname ~ '^t_\d+_[sg]\d+$'
    ),
    asked as (
      select format('t_%%s_%%s%%s', u.term, u.kind, u.requisite) as name, u.term, u.uses,
             case when u.kind = 'g' then format('using gin (lower(%%s collate qdm.fold) gin_trgm_ops)', column_name)
                  when qdm.sql_type(q.base) = 'text' then format('((qdm.key(%%s) collate "C"), id)', column_name)
                  else format('(%%s, id)', column_name) end as parts,
             u.uses >= $2 and c.reltuples >= $1 as habit
      from qdm.column_use u
      join %1$I.term t on t.id = u.term and t.projected
      join pg_class c on c.oid = to_regclass(format('%%I.t_%%s', %1$L, u.term))
      left join %1$I.requisite q on q.id = u.requisite and q.term = u.term
      cross join lateral (select case when u.requisite = 0 then 'val' else 'r' || u.requisite end as column_name) n
      where u.ws = %1$L and u.last > now() - make_interval(days => $4)
        and case when u.kind = 'g'
                 then exists (select from pg_extension where extname = 'pg_trgm')
                      and (u.requisite = 0 or (not q.multiple and not q.subtable and q.target is null
                                               and qdm.sql_type(q.base) = 'text'))
                 -- The main value, references and UNIQUE values are indexed always; yes and no sorts nothing.
                 else u.requisite <> 0 and not q.multiple and not q.subtable and q.target is null and q.base <> 11
                      and not (q.uniq and qdm.sql_type(q.base) <> 'text') end
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
