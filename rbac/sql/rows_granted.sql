-- Rows of one table that a user is granted one by one, by himself or by his groups, with one of the permissions.
-- Parameters: workspace_id, table_id, user_id, codenames (an array as text).
select g.node_id
from public.rbac_guard g
join public.rbac_guarduser gu on gu.content_object_id = g.id
join public.auth_permission p on p.id = gu.permission_id
where g.workspace_id = %(workspace_id)s and g.table_id = %(table_id)s and g.kind = 'r'
  and gu.user_id = %(user_id)s and p.codename = any(%(codenames)s::text[])
union
select g.node_id
from public.rbac_guard g
join public.rbac_guardgroup gg on gg.content_object_id = g.id
join public.rbac_user_groups m on m.group_id = gg.group_id
join public.auth_permission p on p.id = gg.permission_id
where g.workspace_id = %(workspace_id)s and g.table_id = %(table_id)s and g.kind = 'r'
  and m.user_id = %(user_id)s and p.codename = any(%(codenames)s::text[])
