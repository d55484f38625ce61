-- Stored texts of these plain requisites in these records, oldest first. Only for cells known to be readable.
select up, t, val from {ws}.node where up = any(%(records)s) and t = any(%(requisites)s) order by id
