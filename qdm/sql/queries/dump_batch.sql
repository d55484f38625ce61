-- Who acted, without the transaction's id, which means something in this cluster only.
copy {ws}.batch (id, at, actor, actor_name, via, note, undone_by) to stdout
