-- What a batch of writes to rows asks before it writes, and the writing, in one call each: every statement by itself would
-- take a round trip, and be planned anew.

-- The nodes `ids`, locked in id order so that overlapping batches take turns instead of deadlocking (kind n: id, up, t,
-- val); which of them are records of the projection `rows`, as id and version (v: id, up); and the cells of the records
-- `owners`, oldest first (c: id, up, t, val): of the columns `plain`, of the references `links`, whose id a cell has in val,
-- rows of `subtables` left out. What is read behind the locks is what stands then.
create or replace function qdm.held_rows(ws text, rows text, ids bigint[], owners bigint[], plain bigint[], links text[],
                                         subtables bigint[])
  returns table (kind text, id bigint, up bigint, t bigint, val text)
  language plpgsql
  set plan_cache_mode = force_generic_plan
  as $$
#variable_conflict use_column
declare
  path text := qdm.enter(ws);
begin
  return query select 'n'::text, n.id, n.up, n.t, n.val from node n where n.id = any(ids)
               order by n.id for no key update;
  return query execute format('select ''v''::text, p.id, p.ver, 0::bigint, null::text from %I p where p.id = any($1)',
                              rows) using ids;
  if cardinality(owners) > 0 then
    return query select 'c'::text, n.id, n.up, n.t, n.val from node n
                 where n.up = any(owners) and (n.t = any(plain) or n.val = any(links)) and n.t <> all(subtables)
                 order by n.up, n.id;
  end if;
  perform set_config('search_path', path, true);
end $$;

-- Delete the nodes `gone`, change those of `ids`, make new ones, move the records `flipped` into the trash or out of it.
-- A new node whose up is -n hangs on the n-th new one. Returns the ids of the new nodes in their order (kind i) and the
-- version of each record of the projection `rows` that is new or one of `records` (v).
create or replace function qdm.write_rows(ws text, rows text, gone bigint[], ids bigint[], ups bigint[], ts bigint[],
                                          vals text[], new_ups bigint[], new_ts bigint[], new_vals text[],
                                          flipped bigint[], records bigint[])
  returns table (kind text, id bigint, ver bigint)
  language plpgsql
  set plan_cache_mode = force_generic_plan
  as $$
#variable_conflict use_column
declare
  path text := qdm.enter(ws);
  fresh bigint[] := '{}';
begin
  if cardinality(gone) > 0 then
    delete from node n where n.id = any(gone);
  end if;
  if cardinality(ids) > 0 then
    update node n set up = c.up, t = c.t, val = c.val from unnest(ids, ups, ts, vals) c(id, up, t, val) where n.id = c.id;
  end if;
  if cardinality(new_ts) > 0 then
    fresh := array(select nextval('node_id_seq') from generate_series(1, cardinality(new_ts)));
    -- One statement, so that triggers see a record together with its cells.
    insert into node (id, up, t, val)
      select fresh[n.place], case when n.up < 0 then fresh[-n.up] else n.up end, n.t, n.val
      from unnest(new_ups, new_ts, new_vals) with ordinality n(up, t, val, place);
    return query select 'i'::text, f.id, null::bigint from unnest(fresh) with ordinality f(id, place) order by place;
  end if;
  if cardinality(flipped) > 0 then
    update node n set up = -n.up where n.id = any(flipped);
  end if;
  -- The first record of a term makes its projection.
  if to_regclass(format('%I.%I', ws, rows)) is not null then
    return query execute format('select ''v''::text, p.id, p.ver from %I p where p.id = any($1)', rows)
      using records || fresh;
  end if;
  perform set_config('search_path', path, true);
end $$;
