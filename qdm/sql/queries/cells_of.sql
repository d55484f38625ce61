-- Cells of these columns of these records, oldest first; a link has its column in val, every other cell in t. Rows of
-- sub-tables, whose up is the record too, left out.
select up, id, t, val from {ws}.node
where up = any(%(records)s::bigint[]) and (t = any(%(plain)s::bigint[]) or val = any(%(links)s::text[]))
  and t <> all(%(subtables)s::bigint[])
order by up, id
