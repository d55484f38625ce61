-- One node.
select id, up, t, val from {ws}.node where id = %(id)s
