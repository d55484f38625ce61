-- A bulk load (qdm.sheets.load): indexes of what is new are made of what has been loaded, not row by row.

-- The indexes of `node` beside its key. A new workspace has none and does not miss them: its first load makes them when
-- it is done, any other batch before it begins. Making one lets readers go on, where dropping one would stop them.
create or replace function qdm.index_nodes(ws text) returns void
  language plpgsql
  as $$
begin
  if to_regclass(format('%I.node_t', ws)) is not null or current_setting('qdm.loading', true) = ws then
    return;
  end if;
  -- who comes second waits here, before he holds anything, and then finds them made
  execute format('lock table %I.node in share row exclusive mode', ws);
  if to_regclass(format('%I.node_t', ws)) is null then
    execute format('create index node_up_t on %I.node (up, t)', ws);
    execute format('create index node_t on %I.node (t)', ws);
  end if;
end $$;

-- The rest of this transaction loads rows: to be called before its batch. Who else would write to a workspace without
-- indexes waits until it is over.
create or replace function qdm.begin_load(ws text) returns void
  language plpgsql
  as $$
begin
  if to_regclass(format('%I.node_t', ws)) is null then
    execute format('lock table %I.node in share row exclusive mode', ws);
    perform set_config('qdm.loading', ws, true);
  end if;
end $$;

-- These terms were made by this transaction and have no rows yet: their projections need no indexes until the end.
create or replace function qdm.load_into(ws text, terms bigint[]) returns void
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
  item record;
begin
  for item in select w.name from unnest(terms) i(id) cross join lateral qdm.wanted_indexes(i.id) w loop
    execute format('drop index if exists %I', item.name);
  end loop;
  perform set_config('search_path', path, true);
end $$;

-- All rows are there. Raises unique_violation where those of a new projection repeat what may not.
create or replace function qdm.end_load(ws text, terms bigint[]) returns void
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
  item bigint;
begin
  perform set_config('qdm.loading', '', true);
  perform set_config('maintenance_work_mem', '128MB', true);
  perform qdm.index_nodes(ws);
  for item in select id from term where id = any(terms) and projected order by id loop
    perform qdm.index(item);
  end loop;
  perform set_config('search_path', path, true);
end $$;
