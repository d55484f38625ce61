-- Remember by which batch this one was taken back.
update {ws}.batch set undone_by = %(by)s where id = %(id)s
