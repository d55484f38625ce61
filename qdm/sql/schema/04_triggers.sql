-- Statement-level triggers on `node`: structure, projections and history follow every write, whoever made it.
-- The application's sessions plan each statement anew; of the dozen in here that would take longer than they run.

do $$
begin
  if to_regtype('qdm.node_row') is null then
    create type qdm.node_row as (id bigint, up bigint, t bigint, val text);
  end if;
end $$;

-- Open a batch: the writes of the rest of this transaction are its. Returns its id.
create or replace function qdm.begin_batch(ws text, actor bigint, actor_name text, via text, note text) returns bigint
  language plpgsql
  as $$
declare
  opened bigint;
begin
  execute format('insert into %I.batch (actor, actor_name, via, note) values ($1, $2, $3, $4) returning id', ws)
    into opened using actor, actor_name, via, note;
  perform set_config('qdm.batch', ws || ':' || opened, true);
  return opened;
end $$;

-- The open batch of this workspace if there is one, else a new one.
create or replace function qdm.join_batch(ws text, actor bigint, actor_name text, via text, note text,
                                          out id bigint, out opened boolean)
  language plpgsql
  as $$
begin
  perform qdm.index_nodes(ws);
  opened := not coalesce(starts_with(current_setting('qdm.batch', true), ws || ':'), false);
  id := case when opened then qdm.begin_batch(ws, actor, actor_name, via, note)
             else substr(current_setting('qdm.batch', true), length(ws) + 2)::bigint end;
end $$;

-- The open batch of this workspace; a writer that opened none (plain SQL) gets one of its own.
create or replace function qdm.current_batch() returns bigint
  language plpgsql
  as $$
declare
  open text := current_setting('qdm.batch', true);
  prefix text := current_schema() || ':';
begin
  if starts_with(open, prefix) then
    return substr(open, length(prefix) + 1)::bigint;
  end if;
  return qdm.begin_batch(current_schema(), null, session_user, 'sql', null);
end $$;

-- Tell those who listen, at commit, which records changed: their ids, or none where they are too many for a message.
create or replace function qdm.announce(term_id bigint, records bigint[], batch_id bigint) returns void
  language sql
  as $$
    select pg_notify('integram_records', json_build_object(
      'ws', current_schema(), 'term', term_id, 'batch', batch_id,
      'ids', case when cardinality(records) <= 200 then to_json(records) end)::text)
  $$;

-- Records and cells that changed: lock the records, write their projection rows and the history.
create or replace function qdm.touch(gone qdm.node_row[], come qdm.node_row[]) returns void
  language plpgsql
  set plan_cache_mode = auto
  as $$
declare
  stamp bigint;
  batch_id bigint;
  item record;
begin
  if coalesce(cardinality(gone), 0) + coalesce(cardinality(come), 0) = 0 then
    return;
  end if;
  for item in
    with rows as (
      select false as is_new, g.* from unnest(gone) g union all select true, c.* from unnest(come) c
    ),
    parts as (
      -- the record itself; key 'val', and 'up' when it moved or went to the trash and back
      select r.is_new, r.id as record, r.t as term, 'val' as key, r.val as value, r.up, r.id as row_id
      from rows r join term t on t.id = r.t and t.target is null
      where r.up <> 0
        and (abs(r.up) = 1 or not exists (select from node p where p.id = abs(r.up) and p.up in (0, -2)))
      union all
      select r.is_new, r.up, q.term, q.id::text, r.val, null, r.id from rows r join requisite q on q.id = r.t
      union all
      select r.is_new, r.up, q.term, q.id::text, r.t::text, null, r.id
      from rows r join requisite q on q.target is not null and q.id::text = r.val
      where not exists (select from requisite p where p.id = r.t) and not exists (select from term t where t.id = r.t)
    ),
    keyed as (
      select record, term, key,
             jsonb_agg(to_jsonb(value) order by row_id) filter (where not is_new) as before,
             jsonb_agg(to_jsonb(value) order by row_id) filter (where is_new) as after,
             max(up) filter (where not is_new) as up_before, max(up) filter (where is_new) as up_after
      from parts group by record, term, key
    )
    select k.term, array_agg(distinct k.record order by k.record) as records, bool_or(k.key = 'val') as moved,
           array_agg(k.record) filter (where key = 'val' and up_before is null) as created,
           array_agg(k.record) filter (where key = 'val' and up_after is null) as erased,
           jsonb_agg(jsonb_build_array(k.record, k.key, k.before, k.after, k.up_before, k.up_after)
                     ) filter (where k.before is distinct from k.after or k.up_before is distinct from k.up_after
                     ) as entries
    from keyed k group by k.term order by k.term
  loop
    -- Two edits of different cells of one record would each pivot without the other's: take turns, in id order.
    perform from node where id = any(item.records) order by id for no key update;
    stamp := coalesce(stamp, nextval('version_seq'));
    if item.entries is not null then
      batch_id := coalesce(batch_id, qdm.current_batch());
      insert into change (record, ver, term, batch, kind, before, after)
        select e.record, stamp, item.term, batch_id,
               case when bool_or(e.record = any(item.created)) then 'c'
                    when bool_or(e.record = any(item.erased)) then 'x'
                    when bool_or(e.up_before > 0 and e.up_after < 0) then 'd'
                    when bool_or(e.up_before < 0 and e.up_after > 0) then 'r' else 'u' end,
               nullif(coalesce(jsonb_object_agg(e.key, e.before) filter (where e.before is distinct from e.after
                                                                           and e.before is not null), '{}')
                      || case when max(e.up_before) is distinct from max(e.up_after) and max(e.up_before) is not null
                              then jsonb_build_object('up', max(e.up_before)) else '{}' end, '{}'),
               nullif(coalesce(jsonb_object_agg(e.key, e.after) filter (where e.before is distinct from e.after
                                                                          and e.after is not null), '{}')
                      || case when max(e.up_before) is distinct from max(e.up_after) and max(e.up_after) is not null
                              then jsonb_build_object('up', max(e.up_after)) else '{}' end, '{}')
        from (select (x ->> 0)::bigint as record, x ->> 1 as key, nullif(x -> 2, 'null') as before,
                     nullif(x -> 3, 'null') as after, (x ->> 4)::bigint as up_before, (x ->> 5)::bigint as up_after
              from jsonb_array_elements(item.entries) x) e
        group by e.record
        on conflict (record, ver) do nothing;
      perform qdm.announce(item.term, item.records, batch_id);
    end if;
    perform qdm.repivot(item.term, item.records, stamp);
    if item.moved then
      perform qdm.rows_moved(current_schema(), item.term, item.records);
    end if;
  end loop;
end $$;

-- Projection rows of these records of one term, written or removed; those of its shadow too, if it has one.
create or replace function qdm.repivot(term_id bigint, records bigint[], stamp bigint) returns void
  language plpgsql
  as $$
declare
  shadow text;
  written int;
begin
  if not (select projected from term where id = term_id) then
    perform qdm.project_first(term_id);
    if not (select projected from term where id = term_id) then
      return;
    end if;
  end if;
  perform qdm.hold_projection(term_id);
  if cardinality(records) <= 100 then
    execute format('select pivot_%s($1, $2)', term_id) into written using records, stamp;
  else
    execute (select pivot from term where id = term_id) using records, stamp;
    get diagnostics written = row_count;
  end if;
  -- Only what is no record any more has no row to be written.
  if written < cardinality(records) then
    perform qdm.remove_rows('t', term_id, records);
  end if;
  select s.pivot into shadow from shadow s where s.term = term_id;
  if found then
    execute shadow using records, stamp;
    perform qdm.remove_rows('n', term_id, records);
  end if;
end $$;

-- Whoever puts a shadow in the place of a projection (09_shadow.sql) has its table for himself: what a writer reads of
-- the catalogue behind this lock stands until he is done.
create or replace function qdm.hold_projection(term_id bigint) returns void
  language plpgsql
  as $$
begin
  execute format('lock table t_%s in row exclusive mode', term_id);
end $$;

create or replace function qdm.remove_rows(kind text, term_id bigint, records bigint[]) returns void
  language plpgsql
  as $$
begin
  execute format('delete from %1$s_%2$s p using unnest($1) i(id) where p.id = i.id and not exists '
                 '(select from node o where o.id = p.id and o.t = %2$s and o.up > 0 '
                 'and (o.up = 1 or not exists (select from node q where q.id = o.up and q.up in (0, -2))))',
                 kind, term_id)
    using records;
end $$;

-- The first record of a term makes its projection.
create or replace function qdm.project_first(term_id bigint) returns void
  language plpgsql
  as $$
begin
  perform pg_advisory_xact_lock(hashtext('qdm.restructure'), hashtext(current_schema()));
  perform qdm.project(term_id);
  update meta set version = nextval('version_seq');
end $$;

-- A node that became structure, or ceased to be, turns what hangs on it from records into its parts or back.
create or replace function qdm.readopt(heads bigint[]) returns void
  language plpgsql
  as $$
declare
  item record;
begin
  for item in
    select n.t as term, array_agg(n.id) as records, bool_or(t.projected) as projected,
           bool_or(n.up > 0 and not exists (select from node p where p.id = n.up and p.up in (0, -2))) as records_now
    from node n join term t on t.id = n.t and t.target is null
    where n.up = any(heads) and n.up <> 1 group by n.t order by n.t
  loop
    if item.projected or item.records_now then
      perform qdm.repivot(item.term, item.records, nextval('version_seq'));
      perform qdm.rows_moved(current_schema(), item.term, item.records);
    end if;
  end loop;
end $$;

-- Structural rows among the given ones, and the terms they touch. Rows of a term not there yet count by the same call.
create or replace function qdm.structure_of(rows qdm.node_row[], out touched bigint[], out parts bigint[])
  language sql
  as $$
    with r as (select * from unnest(rows)),
    heads as (select id from r where up = 0 and id <> t),
    seconds as (select id, up as term from r where up in (select id from term union all select id from heads)),
    thirds as (
      select r.id, coalesce(q.term, s.term) as term
      from r left join requisite q on q.id = r.up left join seconds s on s.id = r.up
      where q.id is not null or s.id is not null
    ),
    found as (select id, id as term from heads union select id, term from seconds union select id, term from thirds)
    select array_agg(distinct term), array_agg(distinct id) from found
  $$;

create or replace function qdm.log_structure(gone qdm.node_row[], come qdm.node_row[], parts bigint[]) returns void
  language sql
  as $$
    insert into change (record, ver, term, batch, kind, before, after)
    select coalesce(g.id, c.id), nextval('version_seq'), 0, qdm.current_batch(), 's',
           case when g.id is not null then jsonb_build_object('up', g.up, 't', g.t, 'val', g.val) end,
           case when c.id is not null then jsonb_build_object('up', c.up, 't', c.t, 'val', c.val) end
    from unnest(gone) g full join unnest(come) c on c.id = g.id
    where coalesce(g.id, c.id) = any(parts) and g is distinct from c
  $$;

create or replace function qdm.node_inserted() returns trigger
  language plpgsql
  set plan_cache_mode = auto
  as $$
declare
  path text := qdm.enter(tg_table_schema);
  touched bigint[];
  parts bigint[];
  come qdm.node_row[];
  rest qdm.node_row[];
  stamp bigint;
  batch_id bigint;
  item record;
  -- A bulk loader's promise: the statement has nothing but new records, each with all its cells, so that neither
  -- structure nor cells of older records have to be looked for in it.
  is_whole boolean := coalesce(current_setting('qdm.whole_records', true), '') = 'on';
  -- And: which columns have no text in it but canonical ones (qdm.pivot_select).
  sure jsonb := coalesce(nullif(current_setting('qdm.sure_columns', true), ''), '{}');
begin
  if not is_whole and (select count(*) from (select from new_rows limit 101) l) <= 100 then
    select array_agg(row(n.id, n.up, n.t, n.val)::qdm.node_row) into come from new_rows n;
    if not qdm.has_structure(come) then
      perform qdm.few_inserted(come);
      perform set_config('search_path', path, true);
      return null;
    end if;
  end if;
  -- EXECUTE, here and below: a kept plan made for one row would be run for a COPY of a million.
  -- Only rows that are, or hang on, a term or a requisite can be structure; most statements have none.
  if not is_whole then
    execute $q$
      with heads as (select id from new_rows where up = 0 and id <> t),
      seconds as (select id from new_rows where up in (select id from term union all select id from heads))
      select array_agg(row(n.id, n.up, n.t, n.val)::qdm.node_row)
      from new_rows n
      where (n.up = 0 and n.id <> n.t) or n.up in (select id from term union all select id from heads)
         or n.up in (select id from requisite union all select id from seconds)
    $q$ into rest;
  end if;
  if rest is not null then
    select s.touched, s.parts into touched, parts from qdm.structure_of(rest) s;
    perform qdm.restructure(touched);
    perform set_config('qdm.fresh', '', true);  -- new once only
    perform qdm.readopt((select array_agg(r.id) from unnest(rest) r where r.up = 0));
    perform qdm.log_structure(null, rest, parts);
  end if;

  -- Terms that stand in the text of the statement are hashed: of a million rows, all but a few are let go at once.
  for item in execute format($q$
    select n.t as term, array_agg(n.id) as records
    from new_rows n
    where n.t = any(%L::bigint[]) and n.up <> 0
      and (n.up = 1 or not exists (select from node p where p.id = abs(n.up) and p.up in (0, -2)))
    group by n.t order by n.t
  $q$, array(select id from term where target is null)) loop
    stamp := coalesce(stamp, nextval('version_seq'));
    batch_id := coalesce(batch_id, qdm.current_batch());
    perform qdm.log_created(item.term, item.records, stamp, batch_id);
    if is_whole and (select projected from term where id = item.term) then
      perform qdm.hold_projection(item.term);
    end if;
    if is_whole and (select projected from term where id = item.term)
       and not exists (select from shadow where term = item.term) then
      execute format('insert into t_%s (%s) %s', item.term, qdm.pivot_columns(item.term),
                     qdm.pivot_select(item.term, null, stamp::text, whole => 'new_rows', sure => sure));
    else
      perform qdm.repivot(item.term, item.records, stamp);
    end if;
    perform qdm.rows_moved(current_schema(), item.term, item.records);
  end loop;
  if is_whole then
    perform set_config('search_path', path, true);
    return null;
  end if;

  -- Cells added to records that were there before.
  execute $q$
    select array_agg(row(n.id, n.up, n.t, n.val)::qdm.node_row)
    from new_rows n
    where n.up > 1 and n.id <> all(coalesce($1, '{}'))
      and not exists (select from new_rows r join term t on t.id = r.t where r.id = n.up)
      and not exists (select from term t where t.id = n.t)
  $q$ into rest using parts;
  perform qdm.touch(null, rest);
  perform set_config('search_path', path, true);
  return null;
end $$;

create or replace function qdm.node_updated() returns trigger
  language plpgsql
  set plan_cache_mode = auto
  as $$
declare
  path text := qdm.enter(tg_table_schema);
  gone qdm.node_row[];
  come qdm.node_row[];
  touched bigint[];
  parts bigint[];
begin
  select array_agg(row(o.id, o.up, o.t, o.val)::qdm.node_row) into gone from old_rows o;
  select array_agg(row(n.id, n.up, n.t, n.val)::qdm.node_row) into come from new_rows n;
  if qdm.has_structure(gone || come) then
    select s.touched, s.parts into touched, parts from qdm.structure_of(gone || come) s;
    perform qdm.restructure(touched);
    perform qdm.log_structure(gone, come, parts);
  end if;
  if exists (select from unnest(gone || come) r where r.up in (0, -2)) then
    perform qdm.readopt((select array_agg(o.id) from unnest(gone) o join unnest(come) n on n.id = o.id
                         where (o.up in (0, -2)) <> (n.up in (0, -2))));
  end if;
  perform qdm.touch(gone, come);
  perform set_config('search_path', path, true);
  return null;
end $$;

create or replace function qdm.node_deleted() returns trigger
  language plpgsql
  set plan_cache_mode = auto
  as $$
declare
  path text := qdm.enter(tg_table_schema);
  gone qdm.node_row[];
  touched bigint[];
  parts bigint[];
begin
  select array_agg(row(o.id, o.up, o.t, o.val)::qdm.node_row) into gone from old_rows o;
  if qdm.has_structure(gone) then
    select s.touched, s.parts into touched, parts from qdm.structure_of(gone) s;
    -- The rows of the deleted structure still name their requisites: pivot and history first.
    perform qdm.touch(gone, null);
    perform qdm.restructure(touched);
    perform qdm.log_structure(gone, null, parts);
  else
    perform qdm.touch(gone, null);
  end if;
  if exists (select from unnest(gone) o where o.up in (0, -2)) then
    perform qdm.readopt((select array_agg(o.id) from unnest(gone) o where o.up in (0, -2)));
  end if;
  perform set_config('search_path', path, true);
  return null;
end $$;

create or replace function qdm.node_truncated() returns trigger
  language plpgsql
  as $$
begin
  raise exception 'node is never truncated: delete the workspace instead';
end $$;
