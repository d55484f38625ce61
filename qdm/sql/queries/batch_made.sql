-- Live records of these terms that this batch made or brought back.
select h.record, h.term from {ws}.change h join {ws}.node n on n.id = h.record and n.up > 0
where h.batch = %(id)s and h.term = any(%(terms)s) and h.kind in ('c', 'r')
