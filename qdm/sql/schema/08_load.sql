-- A bulk load (qdm.sheets.load): indexes of what is new are made of what has been loaded, not row by row.

-- The indexes of `node`. A new workspace has none, its key neither, and does not miss them: its first load makes them
-- when it is done, any other batch before it begins. Making one lets readers go on, where dropping one would stop them.
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
    if to_regclass(format('%I.node_pkey', ws)) is null then
      execute format('create unique index node_pkey on %I.node (id)', ws);
    end if;
    execute format('create index node_up_t on %I.node (up, t)', ws);
    execute format('create index node_t on %I.node (t)', ws);
    perform qdm.key_nodes(ws);
  end if;
end $$;

-- Call the unique index the primary key. That needs a moment without readers; a table whose moment does not come is as
-- unique without the word. (Who waited longer might wait for one who waits for him.)
create or replace function qdm.key_nodes(ws text) returns void
  language plpgsql
  as $$
declare
  before text := current_setting('lock_timeout');
begin
  if exists (select from pg_constraint where conrelid = format('%I.node', ws)::regclass and contype = 'p') then
    return;
  end if;
  perform set_config('lock_timeout', '50ms', true);
  execute format('alter table %I.node add constraint node_pkey primary key using index node_pkey', ws);
  perform set_config('lock_timeout', before, true);
exception when lock_not_available then
  null;
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

-- New node ids as ranges, in one unless others draw ids meanwhile. Who loads alone takes the whole block at once.
create or replace function qdm.reserve(ws text, count bigint) returns table (first bigint, number bigint)
  language plpgsql
  as $$
declare
  ids regclass := format('%I.node_id_seq', ws)::regclass;
  last bigint;
begin
  if current_setting('qdm.loading', true) = ws then
    first := nextval(ids);
    number := count;
    perform setval(ids, first + count - 1);
    return next;
    return;
  end if;
  select min(d.id), max(d.id) into first, last from (select nextval(ids) as id from (select generate_series(1, count)) n) d;
  number := last - first + 1;
  if number = count then
    return next;
    return;
  end if;
  -- not one range: those ids are let go, and others are sorted as they come
  return query select min(d.id), count(*) from (select nextval(ids) as id, n from generate_series(1, count) n) d
               group by d.id - d.n order by 1;
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
