-- Records whose cells this batch changed, without those it created.
select record from {ws}.change where batch = %(id)s and kind in ('u', 'c')
group by record having bool_and(kind = 'u') order by record
