-- The whole structure of workspace {ws} in one row: version, terms and references, requisites, modifiers, names of the
-- indexes by use.
select
  (select version from {ws}.meta),
  (select coalesce(jsonb_agg(jsonb_build_array(id, name, base, target, projected) order by id), '[]') from {ws}.term),
  (select coalesce(jsonb_agg(jsonb_build_array(id, term, type_id, coalesce(ord, 0), base, target, subtable)
                             order by coalesce(ord, 0), id), '[]') from {ws}.requisite),
  (select coalesce(jsonb_agg(jsonb_build_array(m.up, m.t, m.val) order by m.id), '[]') from {ws}.node m
   where m.t between 30 and 42 and m.up > 1
     and (exists (select from {ws}.term t where t.id = m.up) or exists (select from {ws}.requisite q where q.id = m.up))),
  (select coalesce(jsonb_agg(c.relname), '[]') from pg_class c join pg_index i on i.indexrelid = c.oid
   where c.relnamespace = (select n.oid from pg_class p join pg_namespace n on n.oid = p.relnamespace
                           where p.oid = '{ws}.meta'::regclass) and c.relname ~ '^t_[0-9]+_(s[0-9]+|r[0-9]+_[0-9]+|g[0-9a-f]+)$'
   and i.indisvalid)
