-- Ids of those who acted.
select distinct actor from {ws}.batch where actor is not null order by 1
