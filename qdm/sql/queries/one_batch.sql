-- One batch of the history.
select id, at, actor, actor_name, via, note, undone_by from {ws}.batch where id = %(id)s
