-- How much is in the trash of which the history does not know since when, and not whether since before %(before)s.
select count(*) from {ws}.node n
where n.up < 0 and n.id > 110 and not exists (select from {ws}.change h where h.record = n.id)
  and coalesce((select at from {ws}.batch order by id limit 1), now()) >= %(before)s
