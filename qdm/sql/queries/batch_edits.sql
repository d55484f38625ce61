-- Cells this batch changed, oldest first, without those of records it created.
select h.record, h.term, h.before, h.after from {ws}.change h
where h.batch = %(id)s and h.kind = 'u'
  and not exists (select from {ws}.change c where c.record = h.record and c.batch = h.batch and c.kind = 'c')
order by h.ver
