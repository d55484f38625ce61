-- The projection `t_<term>` of one term: its table, and the statement that computes its rows from `node`.

drop function if exists qdm.wanted_columns(bigint);
drop function if exists qdm.pivot_select(bigint, text, text);
drop function if exists qdm.pivot_select(bigint, text, text, boolean);
drop function if exists qdm.pivot_select(bigint, text, text, text);
drop function if exists qdm.pivot_select(bigint, text, text, text, jsonb);
drop function if exists qdm.pivot_statement(bigint);
drop function if exists qdm.wanted_indexes(bigint);

-- The requisites a projection has columns for. `as_if`, requisite -> {base, multiple, uniq}, makes some of another shape:
-- a shadow (09_shadow.sql) is filled for one that the catalogue does not have yet.
create or replace function qdm.projected_requisites(term_id bigint, as_if jsonb default null)
  returns table (id bigint, base smallint, target bigint, multiple boolean, uniq boolean)
  language sql stable
  as $$
    select id, coalesce((as_if -> id::text -> 'base')::smallint, base), target,
           coalesce((as_if -> id::text -> 'multiple')::boolean, multiple),
           coalesce((as_if -> id::text -> 'uniq')::boolean, uniq)
    from requisite where term = term_id and not subtable
  $$;

-- Columns a projection should have beside the fixed ones.
create or replace function qdm.wanted_columns(term_id bigint, as_if jsonb default null)
  returns table (name text, type text)
  language sql stable
  as $$
    select 'v', qdm.sql_type(base) from term where id = term_id and qdm.sql_type(base) <> 'text'
    union all
    select 'r' || id, case when target is not null then 'bigint' else qdm.sql_type(base) end
                      || case when multiple then '[]' else '' end
    from qdm.projected_requisites(term_id, as_if)
  $$;

-- The SELECT that yields projection rows for records of the term. `source` is a FROM item with a column `id`.
-- A record hangs on the root or on any node that is no structure: what hangs on a term (up = 0, in the trash -2) is its
-- requisite or modifier, though its t be a term too.
-- A cell of a requisite has t = requisite; a cell of a reference has t = referenced record and val = requisite id, so
-- rows whose t is a requisite of the term or one of its sub-tables are no references whatever their text says.
-- `whole`: for all records in that relation, `node` or the `new_rows` of an insert that has every record together with
-- all its cells; grouping the cells once is five times quicker than looking up those of each record.
-- `sure`, column (the term for the main value) -> base: each of its texts is canonical for that base, and is cast as it
-- is, ten times quicker than looking whether it fits. A promise that is broken raises; it does not store another value.
create or replace function qdm.pivot_select(term_id bigint, source text, ver text, whole text default null,
                                            as_if jsonb default null, sure jsonb default '{}')
  returns text
  language plpgsql stable
  as $$
declare
  main_base int := (select base from term where id = term_id);
  own text := (select string_agg(i::text, ',') from (
                 select id as i from requisite where term = term_id
                 union select type_id from requisite where term = term_id and subtable) o);
  cells text;
  outer_columns text;
  misfits text;
  main_typed text;
  main_misfit text;
  typed text;
begin
  select
    string_agg(case
      when target is not null and multiple
        then format('array_agg(c.t order by c.id) filter (where c.val = %L and c.link) as r%s', id::text, id)
      when target is not null
        then format('max(c.t) filter (where c.val = %L and c.link) as r%s', id::text, id)
      when multiple
        then format('array_agg(c.val order by c.id) filter (where c.t = %s) as r%s', id, id)
      else format('max(c.val) filter (where c.t = %s) as r%s', id, id) end, ', ' order by id),
    string_agg(', ' || case
      when target is not null or qdm.sql_type(base) = 'text' then format('c.r%s', id)
      when multiple then format('(select array_agg(%s order by x.n) filter (where %s is not null)
                                  from unnest(c.r%s) with ordinality x(val, n))',
                                qdm.typed(base, 'x.val'), qdm.typed(base, 'x.val'), id)
      else format('v.r%s', id) end, '' order by id),
    string_agg(case
      when multiple then format('case when exists (select from unnest(c.r%s) x(val) where %s is null) then %s end',
                                id, qdm.typed(base, 'x.val'), id)
      else format('case when c.r%s is not null and v.r%s is null then %s end', id, id, id)
      end, ', ' order by id) filter (where target is null and qdm.sql_type(base) <> 'text'
                                       and (multiple or (sure ->> id::text)::int is distinct from base)),
    string_agg(format('%s as r%s', case when (sure ->> id::text)::int = base then format('c.r%s::%s', id, qdm.sql_type(base))
                                        else qdm.typed(base, 'c.r' || id) end, id), ', ' order by id)
      filter (where target is null and not multiple and qdm.sql_type(base) <> 'text')
  into cells, outer_columns, misfits, typed
  from qdm.projected_requisites(term_id, as_if);

  if qdm.sql_type(main_base) <> 'text' then
    main_typed := case when (sure ->> term_id::text)::int = main_base then 'o.val::' || qdm.sql_type(main_base)
                       else qdm.typed(main_base, 'o.val') end;
    main_misfit := case when (sure ->> term_id::text)::int is distinct from main_base
                        then format('case when o.val is not null and %s is null then 0 end', main_typed) end;
  end if;
  misfits := concat_ws(', ', main_misfit, misfits);

  return format('select o.id, o.up, o.val, qdm.key(o.val), %s, %s%s%s ',
                case when misfits = '' then 'null::bigint[]'
                     else format('nullif(array_remove(array[%s]::bigint[], null), ''{}'')', misfits) end,
                ver,
                coalesce(', ' || main_typed, ''),
                coalesce(outer_columns, ''))
      || case when whole is not null then format('from %s o', whole) else format('from %s i(id) join node o on o.id = i.id', source) end
      || case when cells is null then ''
              when whole is not null then format(
                ' left join (select c.up, %s from (select n.id, n.up, n.t, n.val, n.t <> all(array[%s]::bigint[]) as link '
                'from %s n where %s) c group by c.up) c on c.up = o.id', cells, own, whole,
                case whole when 'new_rows' then 'n.up > 1'
                           else format('n.up in (select r.id from node r where r.t = %s)', term_id) end)
              else format(
                ' left join lateral (select %s from (select n.id, n.t, n.val, n.t <> all(array[%s]::bigint[]) as link '
                'from node n where n.up = o.id) c) c on true', cells, own) end
      -- each text is cast once (offset 0 keeps the casts from being copied to where they are used)
      || case when typed is null then '' else format(' cross join lateral (select %s offset 0) v', typed) end
      || format(' where o.t = %s and o.up > 0 '
                'and (o.up = 1 or not exists (select from node p where p.id = o.up and p.up in (0, -2)))', term_id);
end $$;

-- Names in the order pivot_select yields them.
create or replace function qdm.pivot_columns(term_id bigint) returns text
  language sql stable
  as $$
    select 'id, up, val, skey, bad, ver'
        || (select case when qdm.sql_type(base) <> 'text' then ', v' else '' end from term where id = term_id)
        || coalesce((select string_agg(', r' || id, '' order by id)
                     from requisite where term = term_id and not subtable), '')
  $$;

-- The statement kept in term.pivot: writes the projection rows of the records $1 with version $2. `kind` n: those of
-- the shadow.
create or replace function qdm.pivot_statement(term_id bigint, kind text default 't', as_if jsonb default null)
  returns text
  language sql stable
  as $$
    select format('insert into %s_%s (%s) %s on conflict (id) do update set (%s) = row(%s)',
                  kind, term_id, qdm.pivot_columns(term_id),
                  qdm.pivot_select(term_id, 'unnest($1)', '$2', as_if => as_if),
                  qdm.pivot_columns(term_id),
                  regexp_replace(qdm.pivot_columns(term_id), '(\w+)', 'excluded.\1', 'g'))
  $$;

-- The same statement as a function `pivot_<term>` of the workspace, for the few records of nearly every write: a server
-- process plans it once, which takes longer than it runs. Returns how many rows it wrote.
create or replace function qdm.keep_pivot(term_id bigint) returns void
  language plpgsql
  as $$
begin
  execute format('create or replace function pivot_%s(bigint[], bigint) returns int language plpgsql '
                 'set plan_cache_mode = force_generic_plan as %L', term_id,
                 format('declare written int; begin %s; get diagnostics written = row_count; return written; end',
                        (select pivot from term where id = term_id)));
end $$;

create or replace function qdm.drop_pivot(term_id bigint) returns void
  language plpgsql
  as $$
begin
  execute format('drop function if exists pivot_%s(bigint[], bigint)', term_id);
end $$;

-- Those of a workspace made before there were any.
create or replace function qdm.keep_pivots(ws text) returns void
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
begin
  perform qdm.keep_pivot(id) from term where projected;
  perform set_config('search_path', path, true);
end $$;

-- Whether cells of the requisite may already be stored, so that a new column has to be filled.
create or replace function qdm.has_cells(requisite_id bigint) returns boolean
  language plpgsql stable
  as $$
begin
  -- A service that has just made the requisite says so: looking for cells of a reference means reading the table.
  if requisite_id::text = any(string_to_array(current_setting('qdm.fresh', true), ',')) then
    return false;
  end if;
  return (select target is not null from requisite where id = requisite_id)
      or exists (select from node where t = requisite_id);
end $$;

-- Fill the whole projection of a term from `node`. Versions come from the history.
create or replace function qdm.fill(term_id bigint) returns void
  language plpgsql
  as $$
begin
  execute format('delete from t_%s', term_id);
  execute format('insert into t_%s (%s) %s', term_id, qdm.pivot_columns(term_id),
                 qdm.pivot_select(term_id, null, 'coalesce((select max(h.ver) from change h where h.record = o.id), 0)',
                                  whole => 'node'));
  perform qdm.rows_moved(current_schema(), term_id, null);
end $$;

-- Bring the projection of a term to what its catalogue rows say; make, change, fill or drop it.
-- A term with neither requisites nor records (the type of a column, say) has none: see qdm.schema.Term.table.
create or replace function qdm.project(term_id bigint) returns void
  language plpgsql
  as $$
declare
  own record;
  exists_already boolean := to_regclass(format('%I.t_%s', current_schema(), term_id)) is not null;
  refill boolean := false;
  item record;
begin
  perform qdm.drop_stale_shadow(term_id);
  select * into own from term where id = term_id and target is null;
  if not found then
    execute format('drop table if exists t_%s', term_id);
    perform qdm.drop_pivot(term_id);
    return;
  end if;
  if not exists_already then
    if not exists (select from requisite where term = term_id)
       and not exists (select from node n where n.t = term_id and n.up > 0
                       and (n.up = 1 or not exists (select from node p where p.id = n.up and p.up in (0, -2)))) then
      return;
    end if;
    execute format('create table t_%s (id bigint primary key, up bigint not null, val text, '
                   'skey text collate "C", bad bigint[], ver bigint not null default 0) with (fillfactor = 90)', term_id);
    refill := exists (select from node n where n.t = term_id);
  end if;

  for item in
    select a.attname as name from pg_attribute a
    where a.attrelid = to_regclass(format('t_%s', term_id)) and a.attnum > 0 and not a.attisdropped
      and (a.attname = 'v' or a.attname ~ '^r[0-9]+$')
      and (a.attname, format_type(a.atttypid, a.atttypmod)) not in (select name, type from qdm.wanted_columns(term_id))
  loop
    execute format('alter table t_%s drop column %I', term_id, item.name);
    -- What did not fit the column that goes is no misfit any more.
    execute format('update t_%s set bad = nullif(array_remove(bad, $1), ''{}'') where bad is not null and $1 = any(bad)', term_id)
      using case when item.name = 'v' then 0 else substr(item.name, 2)::bigint end;
  end loop;

  for item in
    select w.name, w.type from qdm.wanted_columns(term_id) w
    where w.name not in (select a.attname from pg_attribute a
                         where a.attrelid = to_regclass(format('t_%s', term_id)) and not a.attisdropped)
  loop
    execute format('alter table t_%s add column %I %s', term_id, item.name, item.type);
    -- `v` follows the base type of records that are there; an r column only where its cells are.
    if exists_already and not refill then
      refill := item.name = 'v' or qdm.has_cells(substr(item.name, 2)::bigint);
    end if;
  end loop;

  update term set projected = true, pivot = qdm.pivot_statement(term_id)
  where id = term_id and (not projected or pivot is distinct from qdm.pivot_statement(term_id));
  if found or to_regproc(format('%I.pivot_%s', current_schema(), term_id)) is null then
    perform qdm.keep_pivot(term_id);
  end if;
  if refill then
    perform qdm.fill(term_id);
  end if;
  -- Indexes are made of what is there: three times quicker than row by row.
  perform qdm.index(term_id);
end $$;

-- The same without keeping others out.
create or replace function qdm.project_patiently(term_id bigint) returns void
  language plpgsql
  as $$
begin
  perform qdm.patiently(format('select qdm.project(%s)', term_id));
end $$;

-- Run a statement that takes locks without keeping others out: whoever waits for a table that a long reader has holds
-- back all who come after him. So nobody waits for longer than 0.9 s; he lets go, and tries again a moment later, for
-- half a minute.
create or replace function qdm.patiently(statement text) returns void
  language plpgsql
  as $$
declare
  before text := current_setting('lock_timeout');
begin
  for attempt in 1 .. 30 loop
    begin
      perform set_config('lock_timeout', '900ms', true);
      execute statement;
      perform set_config('lock_timeout', before, true);
      return;
    exception when lock_not_available then
      if attempt = 30 then
        raise;
      end if;
    end;
    perform pg_sleep(0.1 + random() * 0.2);
  end loop;
end $$;

-- The indexes every projection has, and those that structure asks for: reverse look-up of references, UNIQUE. `kind` n:
-- those of the shadow.
create or replace function qdm.wanted_indexes(term_id bigint, kind text default 't', as_if jsonb default null)
  returns table (name text, definition text)
  language sql stable
  as $$
    with parts (suffix, uniq, shape) as (
      values ('skey', '', '(skey, id)'), ('up', '', '(up, skey, id)'), ('bad', '', '(id) where bad is not null')
      union all
      select 'x' || id, '', case when multiple then format('using gin (r%s)', id) else format('(r%s, id)', id) end
      from qdm.projected_requisites(term_id, as_if) where target is not null
      union all
      select 'u' || id, 'unique', case when target is null and qdm.sql_type(base) = 'text' then format('(md5(r%s))', id)
                                       else format('(r%s)', id) end
      from qdm.projected_requisites(term_id, as_if) where uniq and not multiple
      union all
      select 'u0', 'unique', '(up, md5(val))'
      from term where id = term_id and exists (select from node m where m.up = term_id and m.t = 34)
      union all
      select 'x0', '', '(v, id)' from term where id = term_id and qdm.sql_type(base) <> 'text'
    )
    select format('%s_%s_%s', kind, term_id, suffix),
           format('create %s index %I on %I %s', uniq, format('%s_%s_%s', kind, term_id, suffix),
                  format('%s_%s', kind, term_id), shape)
    from parts
  $$;

create or replace function qdm.index(term_id bigint) returns void
  language plpgsql
  as $$
declare
  item record;
begin
  for item in
    select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = to_regclass(format('t_%s', term_id)) and c.relname ~ '^t_[0-9]+_[ux][0-9]+$'
      and c.relname not in (select name from qdm.wanted_indexes(term_id))
  loop
    execute format('drop index %I', item.name);
  end loop;
  for item in
    select w.name, w.definition from qdm.wanted_indexes(term_id) w
    where to_regclass(format('%I.%I', current_schema(), w.name)) is null
  loop
    execute item.definition;
  end loop;
end $$;
