-- What taking batch %(batch)s back comes to in one term: a row for each record it made (key null) and one for each cell
-- it changed, with what would return there. Where another batch has changed the cell since, of a record it made any cell,
-- the row has the stamp and the batch of the last such change.
with mine as materialized (
  -- Windows, not joins: of what was written a moment ago the planner knows nothing, and would compare all with all.
  select record, ver, kind, before, after, max(ver) over own as last, bool_or(kind = 'c') over own as created,
         bool_or(kind <> 'u') over own as made
  from {ws}.change where batch = %(batch)s and term = %(term)s and kind in ('c', 'r', 'u')
  window own as (partition by record)
),
acts as (
  select record, made, ver, null::bigint as batch, before, after, true as own
  from mine where kind = 'u' and not created
  union all
  select h.record, r.made, h.ver, h.batch, h.before, h.after, false
  from (select distinct record, made, last from mine) r
  join {ws}.change h on h.record = r.record and h.ver > r.last
  where h.kind = 'u' and h.batch <> %(batch)s
),
items as (
  select a.record, a.made, d.key, i.item,
         coalesce(sum(d.sign) filter (where a.own), 0) as own,
         coalesce(sum(d.sign) filter (where not a.own), 0) as later,
         max(a.ver) filter (where not a.own) as ver,
         (array_agg(a.batch order by a.ver desc) filter (where not a.own))[1] as batch
  from acts a
  cross join lateral (
    select key, value, -1 as sign from jsonb_each(a.before) where key <> 'up'
    union all
    select key, value, 1 from jsonb_each(a.after) where key <> 'up'
  ) d
  cross join lateral jsonb_array_elements_text(d.value) i(item)
  group by a.record, a.made, d.key, i.item
),
cells as (
  select record, key, made, bool_or(own <> 0) as own, jsonb_agg(item) filter (where own < 0) as returns,
         -- In a cell of several values another value added is no conflict: what came is taken out, the rest stays.
         bool_or(case when key = any(%(multiple)s) and not made then own > 0 and later < 0 else later <> 0 end) as conflict,
         max(ver) as ver, (array_agg(batch order by ver desc nulls last))[1] as batch
  from items group by record, key, made
)
select record, key, made, returns, case when conflict then ver end as ver, case when conflict then batch end as batch
from cells where own or (made and conflict)
union all
select distinct record, null, true, null::jsonb, null::bigint, null::bigint from mine where made
