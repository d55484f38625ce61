-- The cells of a column of plain values once more, as those of another column; those of rows in the trash too.
insert into {ws}.node (id, up, t, val)
select nextval('{ws}.node_id_seq'), c.up, %(copy)s, c.val
from (select up, val from {ws}.node where t = %(requisite)s order by id) c
