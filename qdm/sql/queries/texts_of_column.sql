-- The different texts in the cells of a column of plain values, those in the trash too.
select distinct val from {ws}.node where t = %(requisite)s and val is not null
