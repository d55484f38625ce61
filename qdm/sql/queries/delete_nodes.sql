-- Nodes that are gone for good: emptied cells, dropped modifiers. What they said stays in the history.
delete from {ws}.node where id = any(%(ids)s)
