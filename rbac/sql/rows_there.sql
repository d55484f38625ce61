-- As rows_granted.sql, of those that are there: their ids, and what they are sorted by in the default order. A row may
-- come more than once. Parameters: those, and reach: how many to read, from the first on in that order, of each grantee
-- and permission; null for all.
select r.node_id, r.row_key
from unnest(%(permissions)s::int[]) p(id)
cross join lateral (
    select gu.node_id, gu.row_key
    from public.rbac_guarduser gu
    where gu.user_id = %(user_id)s and gu.workspace_id = %(workspace_id)s and gu.table_id = %(table_id)s
      and gu.permission_id = p.id and gu.kind = 'r' and gu.is_there
    order by gu.row_key, gu.node_id
    limit %(reach)s
) r
union all
select r.node_id, r.row_key
from public.rbac_user_groups m
cross join unnest(%(permissions)s::int[]) p(id)
cross join lateral (
    select gg.node_id, gg.row_key
    from public.rbac_guardgroup gg
    where gg.group_id = m.group_id and gg.workspace_id = %(workspace_id)s and gg.table_id = %(table_id)s
      and gg.permission_id = p.id and gg.kind = 'r' and gg.is_there
    order by gg.row_key, gg.node_id
    limit %(reach)s
) r
where m.user_id = %(user_id)s
