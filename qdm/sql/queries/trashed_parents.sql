-- Whether one of these rows in the trash belongs to a row that is in the trash and is none of them. Each is looked up by
-- itself, and its parent in a hash (not in): comparing with all of them would take their number squared.
select exists (
  select from unnest(%(ids)s::bigint[]) i(id)
  join {ws}.node n on n.id = i.id and n.up < 0
  join {ws}.node p on p.id = -n.up and p.up < 0
  where p.id not in (select unnest(%(ids)s::bigint[]))
)
