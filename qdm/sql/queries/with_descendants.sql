-- These live records and, level by level, the live records of their sub-tables: which of these each hangs on, id, term.
with recursive found as (
  select n.id as root, n.id, n.t from {ws}.node n where n.id = any(%(ids)s) and n.up > 0
  union
  select f.root, c.id, c.t from found f join {ws}.node c on c.up = f.id
  where c.t in (select q.type_id from {ws}.requisite q where q.subtable)
)
select root, id, t from found
