-- The catalogue (`term`, `requisite`): structure read out of `node`, so that it can be asked for in one query.
-- Every function here runs with the workspace's schema first in search_path (qdm.enter sets it).

create or replace function qdm.enter(ws text) returns text
  language plpgsql
  as $$
declare before text := current_setting('search_path');
begin
  perform set_config('search_path', quote_ident(ws) || ', qdm, pg_catalog, pg_temp', true);
  return before;
end $$;

-- Terms whose catalogue rows depend on the touched ones: those that use them as a requisite or through a reference.
create or replace function qdm.dependents(touched bigint[]) returns bigint[]
  language plpgsql
  as $$
declare found bigint[];
begin
  with recursive
  -- A node that only now became a term may be waited for by older rows that named it.
  fresh as (select unnest(touched) as id except select id from term),
  waiting as (
    select r.id, r.up from fresh f join node r on r.t = f.id
    where r.up = 0 or r.up in (select id from term) or r.up = any(touched)
  ),
  types as (
    select unnest(touched) as id
    union select id from term where target = any(touched)
    union select id from waiting where up = 0
  )
  select array_agg(distinct id) into found from (
    select id from types
    union select up from waiting where up <> 0
    union select q.term from requisite q where q.type_id in (select id from types)
    union select r.up from waiting w join node r on r.t = w.id where w.up = 0 and r.up in (select id from term)
  ) a;
  return found;
end $$;

-- Which of these nodes are terms (base set) or references to a term (target set).
create or replace function qdm.node_terms(ids bigint[]) returns table (id bigint, name text, base smallint, target bigint)
  language plpgsql stable
  as $$
begin
  return query
    select n.id, n.val, case when n.t <= 17 then n.t::smallint end, case when n.t > 17 then n.t end
    from node n
    where n.id = any(ids) and n.up = 0 and n.id <> n.t
      and (n.t between 2 and 17
           or exists (select from node b where b.id = n.t and b.up = 0 and b.id <> b.t and b.t between 2 and 17));
end $$;

-- Catalogue rows of these terms, made anew from `node`.
create or replace function qdm.describe(terms bigint[]) returns void
  language plpgsql
  as $$
begin
  delete from requisite where term = any(terms);

  delete from term where id = any(terms) and id not in (select d.id from qdm.node_terms(terms) d);
  insert into term as old (id, name, base, target)
    select d.id, d.name, d.base, d.target from qdm.node_terms(terms) d
    on conflict (id) do update set name = excluded.name, base = excluded.base, target = excluded.target
    where (old.name, old.base, old.target) is distinct from (excluded.name, excluded.base, excluded.target);

  insert into requisite (id, term, type_id, ord, base, target, subtable, multiple, uniq)
    select r.id, r.up, r.t,
           case when r.val ~ '^[0-9]{1,9}$' then r.val::int end,
           coalesce(ty.t, 3), ref.target,
           ref.target is null and exists (select from node s join term st on st.id = s.t where s.up = r.t),
           exists (select from node m where m.up = r.id and m.t = 32),
           exists (select from node m where m.up = r.id and m.t = 34)
    from node r
    join term ref on ref.id = r.t
    join node ty on ty.id = coalesce(ref.target, ref.id)
    where r.up = any(terms) and r.up in (select id from term where target is null);
end $$;

-- One structural change: catalogue, projections and version follow the touched nodes.
create or replace function qdm.restructure(touched bigint[]) returns void
  language plpgsql
  as $$
declare
  affected bigint[];
  item bigint;
begin
  -- One structural change at a time in a workspace; readers and writers of rows do not take this lock.
  perform pg_advisory_xact_lock(hashtext('qdm.restructure'), hashtext(current_schema()));
  affected := qdm.dependents(touched);
  perform qdm.describe(affected);
  -- Describing the terms may have made others sub-tables, or stopped it: their users again.
  affected := qdm.dependents(affected);
  perform qdm.describe(affected);
  for item in select unnest(affected) order by 1 loop
    perform qdm.project_patiently(item);
  end loop;
  update meta set version = nextval('version_seq');
  perform pg_notify('integram_structure', current_schema());
end $$;

-- Version of the structure of a workspace's schema; NULL, and no error, when there is none.
create or replace function qdm.schema_version(ws text) returns bigint
  language plpgsql stable
  as $$
declare
  found bigint;
begin
  if to_regclass(format('%I.meta', ws)) is null then
    return null;
  end if;
  execute format('select version from %I.meta', ws) into found;
  return found;
end $$;
