-- What this batch changed in the cells of these records, oldest first.
select record, term, before, after from {ws}.change
where batch = %(id)s and kind = 'u' and record = any(%(records)s) order by ver
