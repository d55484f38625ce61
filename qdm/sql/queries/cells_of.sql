-- Cells of these records, oldest first; rows of sub-tables, whose up is the record too, left out.
select up, id, t, val from {ws}.node where up = any(%(records)s) and t <> all(%(subtables)s) order by up, id
