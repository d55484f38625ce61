-- Single-valued cells that hold more than one text: requisite, number of records, an example record.
select n.t, count(*), min(n.up) from (
  select n.t, n.up from {ws}.node n join {ws}.requisite q on q.id = n.t and not q.multiple
  group by n.t, n.up having count(*) > 1) n
group by n.t order by n.t
