-- The newest node of {ws}.
select max(id) from {ws}.node
