-- One batch of the history, locked so that it is undone once.
select id, at, actor, actor_name, via, note, undone_by from {ws}.batch where id = %(id)s for no key update
