-- What came to (> 0) and went from (< 0) the cells of one record after a stamp, by value; with the stamp, the time and the
-- author of the last change.
select d.key, i.item, sum(d.sign), max(h.ver), max(b.at), (array_agg(b.actor_name order by h.ver desc))[1]
from {ws}.change h
join {ws}.batch b on b.id = h.batch
cross join lateral (
  select key, value, -1 as sign from jsonb_each(h.before) where key <> 'up'
  union all
  select key, value, 1 from jsonb_each(h.after) where key <> 'up'
) d
cross join lateral jsonb_array_elements_text(d.value) i(item)
where h.record = %(record)s and h.ver > %(ver)s and h.kind = 'u'
group by d.key, i.item having sum(d.sign) <> 0
