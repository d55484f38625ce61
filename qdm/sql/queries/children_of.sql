-- Modifiers and requisites that hang on these nodes.
select id, up, t, val from {ws}.node where up = any(%(ids)s) order by id
