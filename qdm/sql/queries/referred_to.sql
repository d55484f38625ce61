-- Those of the records that a live record outside of them has a reference to. Each is looked up by itself (offset 0): for
-- many at once the planner would rather read a whole index of node.
select distinct i.id from unnest(%(ids)s::bigint[]) i(id)
cross join lateral (select n.up, n.val from {ws}.node n where n.t = i.id offset 0) c
join {ws}.requisite q on q.target is not null and q.id::text = c.val
join {ws}.node r on r.id = c.up and r.up > 0 and r.t = q.term
where c.up not in (select unnest(%(ids)s::bigint[]))
