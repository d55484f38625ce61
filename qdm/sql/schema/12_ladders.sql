-- Ladders that are kept: where every so many-th record stands in the order of a column, and which snapshot saw it so.
-- What has changed since is in the history, so that places are told exactly as long as that is little.

-- key: text of the sort key, null behind the filled ones; requisite 0: the main value. shape: which column of which
-- table it was made of: another one after a change of type or a projection made anew. stamp: of no change before seen is
-- larger. took: seconds to make.
create or replace function qdm.add_ladders(ws regnamespace) returns void
  language plpgsql
  as $$
begin
  execute format('create table if not exists %s.ladder (
    term bigint, requisite bigint, shape text not null, seen pg_snapshot not null, stamp bigint not null,
    made timestamptz not null default clock_timestamp(), took double precision not null, step bigint not null,
    filled bigint not null, total bigint not null, keys text[] not null, ids bigint[] not null,
    primary key (term, requisite))', ws);
end $$;

-- The column an order is of: shape as above, its name, the sort key and that key's type; null where there is none.
create or replace function qdm.order_column(ws text, term_id bigint, requisite bigint, out shape text, out name text,
                                            out key text, out type text)
  language sql stable
  as $$
    select format('%s.%s.%s', a.attrelid, a.attnum, a.atttypid), a.attname,
           case when requisite > 0 and a.atttypid = 'text'::regtype then format('qdm.key(%I)', a.attname)
                else quote_ident(a.attname) end,
           format_type(a.atttypid, null) || case when a.atttypid = 'text'::regtype then ' collate "C"' else '' end
    from pg_attribute a
    where a.attrelid = to_regclass(format('%I.t_%s', ws, term_id)) and not a.attisdropped
      and a.attname = case requisite when 0 then 'skey' else 'r' || requisite end
  $$;

-- Make the ladder of an order, of `most` rungs at most and at least `step` records apart. In a transaction that reads
-- one state: the stamp is looked at behind its snapshot. Takes a walk of the index or a sort.
create or replace function qdm.keep_ladder(ws text, term_id bigint, requisite bigint, step bigint, most int) returns void
  language plpgsql
  as $$
declare
  o record := qdm.order_column(ws, term_id, requisite);
  begun timestamptz := clock_timestamp();
  stamp bigint;
  filled bigint;
  total bigint;
begin
  if o.shape is null then
    return;
  end if;
  execute format('select last_value from %I.version_seq', ws) into stamp;
  execute format('select count(%I), count(*) from %I.t_%s', o.name, ws, term_id) into filled, total;
  step := greatest(step, total / most);
  execute format($q$
    insert into %1$I.ladder as old (term, requisite, shape, seen, stamp, took, step, filled, total, keys, ids)
    select $1, $2, $3, pg_current_snapshot(), $4, extract(epoch from clock_timestamp() - $8), $5, $6, $7,
           coalesce(array_agg(k::text order by n), '{}'), coalesce(array_agg(id order by n), '{}')
    from (select %2$s as k, id, row_number() over (order by %2$s, id) as n from %1$I.t_%3$s) r
    where n %% $5 = 0
    on conflict (term, requisite) do update set
      shape = excluded.shape, seen = excluded.seen, stamp = excluded.stamp, made = clock_timestamp(),
      took = excluded.took, step = excluded.step, filled = excluded.filled, total = excluded.total,
      keys = excluded.keys, ids = excluded.ids
  $q$, ws, o.key, term_id) using term_id, requisite, o.shape, stamp, step, filled, total, begun;
end $$;

-- The rungs of a kept ladder in ascending order, empty ones last: how many records stand up to and with each, its key and
-- id; how many are filled and how many there are. One row more, of the place 0, has no id. Rungs whose record is gone or
-- stands elsewhere now are left out. Nothing where none is kept, where there are more than `most` changes since, or where
-- the history does not tell.
create or replace function qdm.ladder(ws text, term_id bigint, requisite bigint, most int)
  returns table (place bigint, key text, id bigint, filled bigint, total bigint)
  language plpgsql stable
  as $$
declare
  o record;
  there boolean;
begin
  -- Most tables have none: to plan the statement below would take longer than to count one.
  execute format('select true from %I.ladder l where l.term = $1 and l.requisite = $2', ws)
    into there using term_id, requisite;
  if there is null then
    return;
  end if;
  o := qdm.order_column(ws, term_id, requisite);
  if o.shape is null then
    return;
  end if;
  return query execute format($q$
    with kept as (
      select l.* from %1$I.ladder l
      where l.term = $1 and l.requisite = $2 and l.shape = $3
        and not exists (select from %1$I.meta m where m.forgotten >= pg_snapshot_xmin(l.seen))
    ),
    unseen as materialized (
      select b.id from kept l
      join %1$I.batch b on b.xid >= pg_snapshot_xmin(l.seen) and not pg_visible_in_snapshot(b.xid, l.seen)
    ),
    -- The oldest of them says to the history's index where to begin.
    since as materialized (
      select h.record, h.ver, h.kind, h.before, h.after from %1$I.change h
      where h.term = $1 and h.batch >= (select min(u.id) from unseen u) and h.batch in (select u.id from unseen u)
      limit $4 + 1
    ),
    -- A stamp given before the snapshot: of a transaction that was under way, or of a batch that was taken up again.
    sure as (
      select l.* from kept l
      where (select count(*) from since) <= $4 and not exists (select from since s where s.ver <= l.stamp)
    ),
    -- The first coming or going says whether a record was there; the first change of the column what was in it.
    moved as (
      select distinct on (s.record) s.record,
             s.kind = 'd' or (s.kind = 'x' and coalesce((s.before ->> 'up')::bigint, 1) > 0) as was
      from since s where s.kind in ('c', 'r', 'd', 'x') order by s.record, s.ver
    ),
    written as (
      select distinct on (s.record) s.record,
             (select max(x) from jsonb_array_elements_text(s.before -> $5) x) as val
      from since s where s.before ? $5 or s.after ? $5 order by s.record, s.ver
    ),
    states as (
      select r.record, coalesce(m.was, t.id is not null) as was, t.id is not null as stands, t.k as k,
             case when w.record is null and t.id is not null then t.k else (
               select %5$s from (select case when w.record is not null then w.val
                                             when $2 = 0 then (select n.val from %1$I.node n where n.id = r.record)
                                             else (select max(n.val) from %1$I.node n where n.up = r.record and n.t = $2)
                                        end) x(val)) end as old
      from (select distinct s.record from since s) r
      left join moved m on m.record = r.record
      left join written w on w.record = r.record
      left join lateral (select p.id, %2$s as k from %1$I.t_%3$s p where p.id = r.record) t on true
    ),
    moves as (
      select s.old as k, s.record as id, -1 as by from states s where s.was
      union all
      select s.k, s.record, 1 from states s where s.stands
    ),
    rungs as (
      select u.k::%4$s as k, u.id, u.n * l.step as place from sure l, unnest(l.keys, l.ids) with ordinality u(k, id, n)
    ),
    placed as (
      select b.k, b.id, b.place, sum(b.by) over (order by b.k, b.id, b.place nulls first rows unbounded preceding) as by,
             sum(b.by) over (partition by b.k, b.id) as here
      from (select m.k, m.id, null::bigint as place, m.by from moves m
            union all select r.k, r.id, r.place, 0 from rungs r) b
    ),
    counts as (
      select l.filled + coalesce(sum(m.by) filter (where m.k is not null), 0) as filled,
             l.total + coalesce(sum(m.by), 0) as total
      from sure l left join moves m on true group by l.filled, l.total
    )
    select (p.place + p.by)::bigint, p.k::text, p.id, n.filled::bigint, n.total::bigint
    from placed p, counts n where p.place is not null and p.here = 0
    union all select 0, null, null, n.filled::bigint, n.total::bigint from counts n
    order by 1
  $q$, ws, o.key, term_id, o.type, qdm.sort_key(ws, term_id, requisite, 'x.val'))
  using term_id, requisite, o.shape, most, case requisite when 0 then 'val' else requisite::text end;
end $$;

-- The sort key of a column from an expression that is its canonical text.
create or replace function qdm.sort_key(ws text, term_id bigint, requisite bigint, expression text) returns text
  language plpgsql stable
  as $$
declare
  base int;
begin
  if requisite > 0 then
    execute format('select base from %I.requisite where id = $1', ws) into base using requisite;
  end if;
  return case when base is null or qdm.sql_type(base) = 'text' then format('qdm.key(%s)', expression)
              else qdm.typed(base, expression) end;
end $$;

-- Orders of tables of `least_rows` rows and more that an index follows, whose ladder is not there or tells hardly any more;
-- one that took long is made again after 20 times as long. Those of orders that are gone are dropped.
create or replace function qdm.ladders_due(ws text, least_rows bigint, most int)
  returns table (term bigint, requisite bigint)
  language plpgsql
  as $$
begin
  return query execute format($q$
    with large as (
      select t.id as term, t.base, c.oid as relation from %1$I.term t
      join pg_class c on c.oid = to_regclass(format('%%I.t_%%s', %1$L, t.id))
      where t.projected and c.reltuples >= $1
    ),
    orders as (
      select l.term, 0::bigint as requisite from large l where qdm.sql_type(l.base) = 'text'
      union all
      select l.term, substring(c.relname from '_s(\d+)$')::bigint from large l
      join pg_index i on i.indrelid = l.relation and i.indisvalid
      join pg_class c on c.oid = i.indexrelid and c.relname ~ '^t_\d+_s\d+$'
    ),
    gone as (
      delete from %1$I.ladder k where not exists (
        select from orders o where o.term = k.term and o.requisite = k.requisite)
    )
    select o.term, o.requisite from orders o
    left join %1$I.ladder k on k.term = o.term and k.requisite = o.requisite
    where not exists (select from qdm.ladder(%1$L, o.term, o.requisite, $2))
      and (k.term is null or clock_timestamp() > k.made + make_interval(secs => 20 * k.took))
    order by o.requisite, o.term
  $q$, ws) using least_rows, most;
end $$;
