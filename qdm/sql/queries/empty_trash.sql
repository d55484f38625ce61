-- What has been in the trash of {ws} since before %(before)s goes for good, with all that hangs on it and with the cells
-- of a column; ids of the records and columns that were in the trash. The seeded nodes stay. What the history has
-- forgotten is older than its oldest act, and no more is known of it.
with recursive old as (
  select n.id, n.up from {ws}.node n
  where n.up < 0 and n.id > 110
    and coalesce((select max(b.at) from {ws}.change h join {ws}.batch b on b.id = h.batch where h.record = n.id),
                 (select at from {ws}.batch order by id limit 1), now()) < %(before)s
),
gone as (
  select id from old
  union
  select c.id from gone g join {ws}.node c on c.up = g.id or c.up = -g.id or c.t = g.id where c.id > 110
),
links as (
  select c.id from old q join {ws}.node r on q.up < -2 and r.t = -q.up
  join {ws}.node c on c.up = r.id and c.val = q.id::text
),
erased as (
  delete from {ws}.node where id in (select id from gone union select id from links)
)
select id from gone
