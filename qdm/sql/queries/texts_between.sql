-- Texts of a column among the nodes behind %(after)s and up to %(upto)s, those in the trash too.
select id, val from {ws}.node where id > %(after)s and id <= %(upto)s and t = %(requisite)s and val is not null
