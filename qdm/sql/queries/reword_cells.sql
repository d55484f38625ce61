-- The same values of one column in other words: texts as they are, and as they are to be.
update {ws}.node n set val = c.become
from unnest(%(texts)s::text[], %(become)s::text[]) c(text, become)
where n.t = %(requisite)s and n.val = c.text
