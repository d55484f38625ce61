-- Indexes of rules by use: of the column by whose values a rule of the rights picks rows (`Город = @me`), then of an
-- order. What such a reader sees is a few runs of it, each in that order (qdm/query/branches.py). A text of the rule's
-- column is carried along, so that it is tested without the row; one of more than 508 bytes (127 characters of four) is
-- not in the index, nor in a rule that asks it.

create table if not exists qdm.rule_use (
  ws text not null, term bigint not null, rule bigint not null,
  -- what was sorted by, 0: the main value
  requisite bigint not null,
  uses bigint not null, last timestamptz not null,
  primary key (ws, term, rule, requisite)
);

create or replace function qdm.count_rule_uses(workspaces text[], terms bigint[], rules bigint[], requisites bigint[],
                                               uses bigint[]) returns void
  language sql
  as $$
    insert into qdm.rule_use as old (ws, term, rule, requisite, uses, last)
    select u.ws, u.term, u.rule, u.requisite, sum(u.uses), now()
    from unnest(workspaces, terms, rules, requisites, uses) u(ws, term, rule, requisite, uses)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (ws, term, rule, requisite) do update set uses = old.uses + excluded.uses, last = now()
  $$;

-- As qdm.indexes_by_use: those that stand and those that are wanted, t_<term>_r<rule>_<requisite>.
create or replace function qdm.rule_indexes(ws text, least_rows bigint, least_uses bigint, per_table int, keep int)
  returns table (name text, definition text, uses bigint, stands boolean, valid boolean, wanted boolean)
  language plpgsql stable
  as $$
begin
  return query execute format($q$
    with standing as (
      select c.relname::text as name, i.indisvalid as valid, substring(c.relname from '^t_(\d+)_')::bigint as term
      from pg_class c join pg_index i on i.indexrelid = c.oid
      where c.relnamespace = %1$L::regnamespace and c.relname ~ '^t_\d+_r\d+_\d+$'
    ),
    asked as (
      select format('t_%%s_r%%s_%%s', u.term, u.rule, u.requisite) as name, u.term, u.uses,
             case when o.target is null and qdm.sql_type(o.base) = 'text'
                  then format('((qdm.key(r%%1$s) collate "C"), %%2$s, id) include (r%%1$s) where octet_length(r%%1$s) <= 508',
                              u.rule, k.key)
                  else format('(r%%s, %%s, id)', u.rule, k.key) end as parts,
             u.uses >= $2 and c.reltuples >= $1 as habit
      from qdm.rule_use u
      join %1$I.term t on t.id = u.term and t.projected
      join pg_class c on c.oid = to_regclass(format('%%I.t_%%s', %1$L, u.term))
      join %1$I.requisite o on o.id = u.rule and o.term = u.term and not o.multiple and not o.subtable
      left join %1$I.requisite q on q.id = u.requisite and q.term = u.term
      cross join lateral (
        select case when u.requisite = 0 then 'skey'
                    when qdm.sql_type(q.base) = 'text' then format('(qdm.key(r%%s) collate "C")', u.requisite)
                    else 'r' || u.requisite end as key
      ) k
      where u.ws = %1$L and u.last > now() - make_interval(days => $4)
        and case when u.requisite = 0 then qdm.sql_type(t.base) = 'text'
                 else not q.multiple and not q.subtable and q.target is null end
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
