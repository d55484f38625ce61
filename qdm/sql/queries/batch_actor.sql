-- Who made a batch.
select actor_name from {ws}.batch where id = %(id)s
