-- Rows of one table that do not inherit. Parameters: workspace_id, table_id, locks (an array as text).
select g.node_id
from public.rbac_guard g
where g.workspace_id = %(workspace_id)s and g.table_id = %(table_id)s and g.kind = 'r' and g.lock = any(%(locks)s::text[])
  and g.lock <> ''
