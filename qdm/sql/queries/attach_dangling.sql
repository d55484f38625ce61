-- Rows that hang on nothing, and rows of no known type: kept in node, shown nowhere.
select
  (select count(*) from {ws}.node n where n.up > 1 and not exists (select from {ws}.node p where p.id = n.up)),
  (select count(*) from {ws}.node n where n.up > 1 and n.t > 42
   and not exists (select from {ws}.term t where t.id = n.t)
   and not exists (select from {ws}.requisite q where q.id = n.t)
   and not exists (select from {ws}.requisite q where q.target is not null and q.id::text = n.val))
