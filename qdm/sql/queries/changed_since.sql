-- How many of the records this batch created or brought back a later batch has written to.
select count(distinct later.record) from {ws}.change h
join {ws}.change later on later.record = h.record and later.ver > h.ver and later.batch <> h.batch
where h.batch = %(id)s and h.kind in ('c', 'r')
