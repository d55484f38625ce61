-- Cells in other words, where they still say what was read: their ids, texts as they are, and as they are to be.
update {ws}.node n set val = c.become
from unnest(%(ids)s::bigint[], %(texts)s::text[], %(become)s::text[]) c(id, text, become)
where n.id = c.id and n.val = c.text
