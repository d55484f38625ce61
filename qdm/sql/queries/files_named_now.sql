-- Of these keys those that a cell of a column of files names, in the trash or not: quick, by the index of columns.
select distinct k.key from {ws}.requisite q join {ws}.node c on c.t = q.id
join unnest(%(keys)s::text[]) as k (key) on right(c.val, 17) = '/' || k.key
where q.base = any(%(bases)s)
