-- Who acted, without the transaction's id, which means something in this cluster only.
copy (select id, at, actor, actor_name, via, note, undone_by from {ws}.batch) to stdout
