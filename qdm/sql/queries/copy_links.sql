-- The cells of a reference once more, as those of another: t is the record referred to, val the requisite.
insert into {ws}.node (id, up, t, val)
select nextval('{ws}.node_id_seq'), c.up, c.t, %(copy)s::text
from (select n.up, n.t from {ws}.{table} p join {ws}.node n on n.up = p.id
      where n.val = %(requisite)s::text and not exists (select from {ws}.requisite q where q.id = n.t)
      order by n.id) c
