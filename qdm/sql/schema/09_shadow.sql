-- A projection is made anew while everybody reads and writes it: its shadow `n_<term>` is filled from `node` in pieces,
-- writers keep both (qdm.repivot), and in the end it takes the projection's place in one short transaction.
-- Row of `shadow`: `as_if` the shape it is made for (qdm.projected_requisites), `pivot` what writers run, `filled` the
-- node up to which it is filled, `begun` the transaction that made it.

-- A shadow of the projection, or the one that stands if it is for the same shape.
create or replace function qdm.begin_shadow(ws text, term_id bigint, as_if jsonb) returns void
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
begin
  perform pg_advisory_xact_lock(hashtext('qdm.restructure'), hashtext(current_schema()));
  if not exists (select from shadow s where s.term = term_id and s.as_if = begin_shadow.as_if) then
    perform qdm.drop_shadow(ws, term_id);
    execute format('create table n_%s (id bigint primary key, up bigint not null, val text, skey text collate "C", '
                   'bad bigint[], ver bigint not null default 0%s) with (fillfactor = 90)', term_id,
                   (select string_agg(format(', %I %s', w.name, w.type), '' order by w.name)
                    from qdm.wanted_columns(term_id, as_if) w));
    insert into shadow (term, as_if, pivot) values (term_id, as_if, qdm.pivot_statement(term_id, 'n', as_if));
  end if;
  perform set_config('search_path', path, true);
end $$;

-- Nobody writes to the projection while its shadow goes: he would be about to write to that too.
create or replace function qdm.drop_shadow(ws text, term_id bigint) returns void
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
begin
  if exists (select from shadow where term = term_id) then
    perform qdm.lock_patiently(format('t_%s', term_id), 'share row exclusive');
    delete from shadow where term = term_id;
  end if;
  execute format('drop table if exists n_%s', term_id);
  perform set_config('search_path', path, true);
end $$;

-- The table for oneself, if it is there.
create or replace function qdm.lock_patiently(name text, mode text) returns void
  language plpgsql
  as $$
begin
  if to_regclass(name) is not null then
    perform qdm.patiently(format('lock table %I in %s mode', name, mode));
  end if;
end $$;

-- A change of the structure that a shadow was not made for ends it: whoever fills it finds it gone and begins again.
create or replace function qdm.drop_stale_shadow(term_id bigint) returns void
  language plpgsql
  as $$
begin
  if exists (select from shadow s where s.term = term_id
             and s.pivot is distinct from (select qdm.pivot_statement(term_id, 'n', s.as_if) from term t
                                           where t.id = term_id and t.target is null)) then
    perform qdm.drop_shadow(current_schema(), term_id);
  end if;
end $$;

-- Whether nobody is left who began before there was a shadow and so writes to the projection alone.
create or replace function qdm.is_shadow_known(ws text, term_id bigint) returns boolean
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
  known boolean := (select pg_snapshot_xmin(pg_current_snapshot()) > begun from shadow where term = term_id);
begin
  perform set_config('search_path', path, true);
  return known;
end $$;

-- Fill the records among the next `span` nodes. `filled`: up to which node, NULL when the shadow is gone; `skipped`:
-- records that somebody is writing at this moment, for which the same piece is to be asked for again.
-- A record is held while its row is made, as by its writers: who comes between would be overwritten by what he changed.
-- Nobody is waited for while holding, so that no writer is ever shut out by two who wait for each other.
create or replace function qdm.fill_shadow(ws text, term_id bigint, span bigint, out filled bigint, out rows bigint,
                                           out skipped bigint)
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
  own record;
  held bigint[];
begin
  select * into own from shadow where term = term_id for update;
  if not found then
    perform set_config('search_path', path, true);
    return;
  end if;
  select array_agg(id) into held from (
    select n.id from node n where n.id > own.filled and n.id <= own.filled + span and n.t = term_id and n.up > 0
    order by n.id for share skip locked) h;
  skipped := (select count(*) from node n where n.id > own.filled and n.id <= own.filled + span and n.t = term_id
                and n.up > 0) - coalesce(cardinality(held), 0);
  execute format('insert into n_%s (%s) %s on conflict (id) do nothing', term_id, qdm.pivot_columns(term_id),
                 qdm.pivot_select(term_id, 'unnest($1)',
                                  format('coalesce((select p.ver from t_%s p where p.id = o.id), '
                                         '(select max(h.ver) from change h where h.record = o.id), 0)', term_id),
                                  as_if => own.as_if))
    using held;
  get diagnostics rows = row_count;
  filled := case when skipped = 0 then own.filled + span else own.filled end;
  update shadow set filled = fill_shadow.filled where term = term_id;
  perform set_config('search_path', path, true);
end $$;

-- Indexes the shadow still has to get, and those that were cut short: `definition` NULL, to be dropped. Beside those of
-- the structure it gets what the projection has by use, but for columns that change.
create or replace function qdm.shadow_indexes(ws text, term_id bigint) returns table (name text, definition text)
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
  change jsonb := coalesce((select as_if from shadow where term = term_id), '{}');
  shadow_table regclass := format('n_%s', term_id)::regclass;
  own_table regclass := format('t_%s', term_id)::regclass;
  of_structure text[] := array(select w.name from qdm.wanted_indexes(term_id) w);
  names text[];
  definitions text[];
begin
  select array_agg(w.name), array_agg(w.definition) into names, definitions
  from qdm.wanted_indexes(term_id, 'n', change) w;
  -- With nothing in the path every name is printed with its schema.
  perform set_config('search_path', 'pg_catalog', true);
  return query
    with standing as (
      select c.relname::text as name, i.indisvalid as valid
      from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = shadow_table
    ),
    wanted as (
      select w.name, regexp_replace(w.definition, 'index (\S+) on \S+',
                                    format('index concurrently %I on %s', w.name, shadow_table)) as definition
      from unnest(names, definitions) w(name, definition)
      union all
      select m.name, regexp_replace(pg_get_indexdef(i.indexrelid), 'INDEX \S+ ON \S+',
                                    format('INDEX CONCURRENTLY %I ON %s', m.name, shadow_table))
      from pg_index i join pg_class c on c.oid = i.indexrelid
      cross join lateral (select regexp_replace(c.relname, '^t_', 'n_') as name) m
      where i.indrelid = own_table and i.indisvalid and not i.indisprimary and c.relname <> all(of_structure)
        and not exists (select from jsonb_object_keys(change) k
                        where pg_get_indexdef(i.indexrelid) ~ ('\mr' || k || '\M'))
    )
    select s.name, null from standing s where not s.valid
    union all
    select w.name, w.definition from wanted w where w.name not in (select s.name from standing s);
  perform set_config('search_path', path, true);
end $$;

-- Put the shadow in the place of the projection. The shape it was made for is given to the catalogue by the same
-- transaction, behind this call. False where it is gone. Waits for readers as qdm.project_patiently does.
drop function if exists qdm.swap_shadow(text, bigint);
create or replace function qdm.swap_shadow(ws text, term_id bigint, as_if jsonb) returns boolean
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
  item record;
begin
  perform pg_advisory_xact_lock(hashtext('qdm.restructure'), hashtext(current_schema()));
  if not exists (select from shadow s where s.term = term_id and s.as_if = swap_shadow.as_if) then
    perform set_config('search_path', path, true);
    return false;
  end if;
  perform qdm.lock_patiently(format('t_%s', term_id), 'access exclusive');
  delete from shadow where term = term_id;
  execute format('drop table t_%s', term_id);
  execute format('alter table n_%1$s rename to t_%1$s', term_id);
  for item in
    select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = to_regclass(format('t_%s', term_id))
  loop
    execute format('alter index %I rename to %I', item.name, regexp_replace(item.name, '^n_', 't_'));
  end loop;
  update meta set version = nextval('version_seq');
  perform pg_notify('integram_structure', current_schema());
  perform set_config('search_path', path, true);
  return true;
end $$;
