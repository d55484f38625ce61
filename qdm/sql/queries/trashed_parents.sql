-- Whether one of these rows in the trash belongs to a row that is in the trash and is none of them. Looked up in a hash
-- (not in): comparing with all of them would take their number squared.
select exists (
  select from {ws}.node n join {ws}.node p on p.id = -n.up
  where n.id = any(%(ids)s) and n.up < 0 and p.up < 0 and p.id not in (select unnest(%(ids)s::bigint[]))
)
