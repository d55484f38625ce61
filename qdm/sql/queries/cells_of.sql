-- Cells of these columns of these records, oldest first; a link has its column in val, every other cell in t. Rows of
-- sub-tables, whose up is the record too, left out.
select up, id, t, val from {ws}.node
where up = any(%(records)s) and (t = any(%(requisites)s) or val = any(%(links)s)) and t <> all(%(subtables)s)
order by up, id
