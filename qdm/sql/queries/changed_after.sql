-- Records of a term that transactions changed which the snapshot %(seen)s did not see yet; null where the history of that
-- time is gone.
select distinct h.record from {ws}.batch b join {ws}.change h on h.batch = b.id
where b.xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot) and not pg_visible_in_snapshot(b.xid, %(seen)s::pg_snapshot)
  and h.term = %(term)s
union all
select null from {ws}.meta where forgotten >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
limit %(limit)s
