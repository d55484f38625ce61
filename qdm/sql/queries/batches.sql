-- Batches, newest first, of one actor or (NULL) of all, before an id.
select id, at, actor, actor_name, via, note, undone_by from {ws}.batch
where (%(actor)s::bigint is null or actor = %(actor)s) and id < %(before)s order by id desc limit %(limit)s
