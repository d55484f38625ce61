-- Whether a live record outside of `among` has a reference to one of these. Each is looked up by itself (offset 0): for many
-- at once the planner would rather read a whole index of node.
select exists (
  select from unnest(%(ids)s::bigint[]) i(id)
  cross join lateral (select n.up, n.val from {ws}.node n where n.t = i.id offset 0) c
  join {ws}.requisite q on q.target is not null and q.id::text = c.val
  join {ws}.node r on r.id = c.up and r.up > 0 and r.t = q.term
  where c.up <> all(%(among)s::bigint[])
)
