-- Records this batch created (c), moved to the trash (d) or brought back from it (r), as they stand now.
select h.record, h.term, h.kind::text, n.up from {ws}.change h join {ws}.node n on n.id = h.record
where h.batch = %(id)s and h.kind in ('c', 'd', 'r') order by h.record
