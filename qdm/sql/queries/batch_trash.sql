-- Records this batch deleted, by term: how many are in the trash and would come back, how many have been erased, and
-- whether one of them belongs to a record that is in the trash and would stay there.
select h.term, count(*) filter (where n.up < 0) as there, count(*) filter (where n.id is null) as erased,
       bool_or(n.up < 0 and p.up < 0 and s.record is null) as orphaned
from {ws}.change h
left join {ws}.node n on n.id = h.record
left join {ws}.node p on p.id = -n.up
left join {ws}.change s on s.record = p.id and s.batch = h.batch and s.kind = 'd'
where h.batch = %(id)s and h.kind = 'd' group by h.term
