-- Who acted, by the ids people have here; null for those who are nobody here.
update {ws}.batch b set actor = m.here
from (select * from unnest(%(there)s::bigint[], %(here)s::bigint[]) as m (there, here)) m
where b.actor = m.there and m.there is distinct from m.here
