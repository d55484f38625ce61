-- Records whose cells this batch changed and that are not there any more, with their label and the last act on them: the
-- newest ones, and how many they are.
with mine as (
  select record, max(ver) as ver from {ws}.change
  where batch = %(batch)s and term = %(term)s and kind in ('c', 'r', 'u') group by record having bool_and(kind = 'u')
)
select m.record, n.val, b.at, b.actor_name, count(*) over () as number
from mine m
left join {ws}.node n on n.id = m.record
left join lateral (
  select h.ver, h.batch from {ws}.change h where h.record = m.record order by h.ver desc limit 1
) last on true
left join {ws}.batch b on b.id = last.batch
where not exists (select from {ws}.{table} p where p.id = m.record)
order by last.ver desc, m.record limit %(limit)s
