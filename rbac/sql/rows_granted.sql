-- Rows of one table that a user is granted one by one, by himself or by his groups, with one of the permissions.
-- Parameters: workspace_id, table_id, user_id, permissions (an array of ids as text).
select gu.node_id
from public.rbac_guarduser gu
where gu.user_id = %(user_id)s and gu.workspace_id = %(workspace_id)s and gu.table_id = %(table_id)s
  and gu.permission_id = any(%(permissions)s::int[]) and gu.kind = 'r'
union all
select gg.node_id
from public.rbac_user_groups m
join public.rbac_guardgroup gg on gg.group_id = m.group_id
where m.user_id = %(user_id)s and gg.workspace_id = %(workspace_id)s and gg.table_id = %(table_id)s
  and gg.permission_id = any(%(permissions)s::int[]) and gg.kind = 'r'
