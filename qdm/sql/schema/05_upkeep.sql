-- Proof and repair: a projection can be dropped and made again from `node` at any time.

-- Drop and make every catalogue row and projection of the workspace.
create or replace function qdm.rebuild(ws text) returns int
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
  item bigint;
  name text;
  made int := 0;
  terms bigint[];
begin
  perform pg_advisory_xact_lock(hashtext('qdm.restructure'), hashtext(current_schema()));
  for name in select c.relname from pg_class c
              where c.relnamespace = ws::regnamespace and c.relkind = 'r' and c.relname ~ '^[tn]_[0-9]+$' loop
    execute format('drop table %I', name);
  end loop;
  delete from shadow;
  delete from requisite;
  delete from term;
  select array_agg(id) into terms from node where up = 0 and id <> t;
  perform qdm.describe(terms);
  perform qdm.describe(terms);  -- sub-tables need every term described
  for item in select id from term where target is null order by id loop
    perform qdm.project(item);
    made := made + 1;
  end loop;
  update meta set version = nextval('version_seq');
  perform set_config('search_path', path, true);
  return made;
end $$;

-- Describe every term anew and bring the projections to what that says; the ids of those that are there.
create or replace function qdm.redescribe(ws text) returns bigint[]
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
  item bigint;
  before bigint[] := (select array_agg(id) from term);
  terms bigint[];
begin
  perform pg_advisory_xact_lock(hashtext('qdm.restructure'), hashtext(current_schema()));
  select array_agg(id) into terms from node where up = 0 and id <> t;
  perform qdm.describe(terms || before);
  perform qdm.describe(terms || before);  -- sub-tables need every term described
  for item in select unnest(before) union select id from term order by 1 loop
    perform qdm.project_patiently(item);
  end loop;
  select array_agg(id order by id) into terms from term where projected;
  update meta set version = nextval('version_seq');
  perform set_config('search_path', path, true);
  return terms;
end $$;

-- Differences between what stands and what a rebuild would make; no row means they are equal.
create or replace function qdm.check(ws text) returns table (term_id bigint, record bigint, problem text)
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
  item record;
  columns text;
begin
  return query
    select n.id, null::bigint, 'term is missing from the catalogue' from node n
    where n.up = 0 and n.id <> n.t
      and (n.t between 2 and 17 or exists (select from node b where b.id = n.t and b.up = 0 and b.id <> b.t
                                                          and b.t between 2 and 17))
      and not exists (select from term t where t.id = n.id and t.name is not distinct from n.val
                      and coalesce(t.target, t.base) = n.t);
  return query
    select t.id, null::bigint, 'catalogue term is not in node' from term t
    where not exists (select from node n where n.id = t.id and n.up = 0);
  return query
    select r.up, r.id, 'requisite is missing from the catalogue' from node r
    join term own on own.id = r.up and own.target is null join term ty on ty.id = r.t
    where not exists (
      select from requisite q where q.id = r.id and q.term = r.up and q.type_id = r.t
        and q.target is not distinct from ty.target
        and q.multiple = exists (select from node m where m.up = r.id and m.t = 32)
        and q.uniq = exists (select from node m where m.up = r.id and m.t = 34)
        and q.base = (select t from node where id = coalesce(ty.target, ty.id))
        and q.subtable = (ty.target is null
                          and exists (select from node s join term st on st.id = s.t where s.up = r.t)));
  return query
    select q.term, q.id, 'catalogue requisite is not in node' from requisite q
    where not exists (select from node r where r.id = q.id and r.up = q.term);
  for item in select id, projected from term where target is null order by id loop
    if not item.projected then
      return query select item.id, n.id, 'record without a projection' from node n
        where n.t = item.id and n.up > 0
          and (n.up = 1 or not exists (select from node p where p.id = n.up and p.up in (0, -2)));
      continue;
    end if;
    if exists (
      (select name, type from qdm.wanted_columns(item.id))
      except
      (select a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_attribute a
       where a.attrelid = to_regclass(format('t_%s', item.id)) and a.attnum > 0 and not a.attisdropped)) then
      return query select item.id, null::bigint, 'projection has the wrong columns';
      continue;
    end if;
    columns := qdm.pivot_columns(item.id);
    return query execute format(
      'with made (%1$s) as (%2$s), made_plain as (select %3$s from made), stands as (select %3$s from t_%4$s) '
      'select %4$s::bigint, d.id, ''projection row differs'' from '
      '((table made_plain except table stands) union (table stands except table made_plain)) d',
      columns, qdm.pivot_select(item.id, format('(select id from node where t = %s)', item.id), '0'),
      replace(columns, ', ver', ''), item.id);
  end loop;
  perform set_config('search_path', path, true);
end $$;
