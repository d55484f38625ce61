-- Records this batch created (c) or moved to the trash (d), as they stand now.
select h.record, h.term, h.kind::text, n.up from {ws}.change h join {ws}.node n on n.id = h.record
where h.batch = %(id)s and h.kind in ('c', 'd') order by h.record
