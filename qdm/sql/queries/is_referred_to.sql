-- Whether a live record outside of these has a reference to one of them.
select exists (
  select from {ws}.node c
  join {ws}.requisite q on q.target is not null and q.id::text = c.val
  join {ws}.node r on r.id = c.up and r.up > 0 and r.t = q.term
  where c.t = any(%(ids)s) and c.up <> all(%(ids)s)
)
