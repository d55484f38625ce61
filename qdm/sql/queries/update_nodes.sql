-- Nodes whose up, t or val changed.
update {ws}.node n set up = c.up, t = c.t, val = c.val
from unnest(%(ids)s::bigint[], %(ups)s::bigint[], %(ts)s::bigint[], %(vals)s::text[]) c(id, up, t, val)
where n.id = c.id
