-- What the grants say about one user in one workspace: one row, or none when there is no such workspace.
-- Parameters: slug, user_id, row_limit (one more than the row grants that are carried as an array of ids).
with perm as materialized (
    select p.id, split_part(p.codename, '_', 1) as action
    from auth_permission p join django_content_type c on c.id = p.content_type_id
    where c.app_label = 'rbac' and c.model = 'guard'
), mine as materialized (
    select g.id, g.name
    from rbac_user_groups m join auth_group g on g.id = m.group_id
    where m.user_id = %(user_id)s
)
select
    w.id as workspace_id,
    (select jsonb_object_agg(perm.action, perm.id) from perm) as permissions,
    -- the groups a filter may mean: not the roles that belong to another workspace
    (select coalesce(jsonb_agg(mine.name), '[]')
     from mine left join rbac_role r on r.group_id = mine.id
     where r.workspace_id is null or r.workspace_id = w.id) as groups,
    -- how the tables of this workspace call the user
    (select to_jsonb(n.name) from rbac_nameintables n where n.workspace_id = w.id and n.user_id = %(user_id)s) as name,
    -- [kind, node, table, filter, action] of every grant that is not on a row
    (select coalesce(json_agg(json_build_array(g.kind, g.node_id, g.table_id, g.rows, perm.action)), '[]')::text
     from (select gu.content_object_id, gu.permission_id from rbac_guarduser gu
           where gu.user_id = %(user_id)s and gu.workspace_id = w.id and gu.kind <> 'r'
           union
           select gg.content_object_id, gg.permission_id from mine join rbac_guardgroup gg
                  on gg.group_id = mine.id and gg.workspace_id = w.id and gg.kind <> 'r') held
     join rbac_guard g on g.id = held.content_object_id
     join perm on perm.id = held.permission_id) as rules,
    -- [kind, node, table, lock] of every lock that is not on a row
    (select coalesce(jsonb_agg(jsonb_build_array(g.kind, g.node_id, g.table_id, g.lock)), '[]')
     from rbac_guard g
     where g.workspace_id = w.id and g.kind <> 'r' and g.lock <> '') as locks,
    -- [table, lock] where some row is locked
    (select coalesce(jsonb_agg(distinct jsonb_build_array(g.table_id, g.lock)), '[]')
     from rbac_guard g
     where g.workspace_id = w.id and g.kind = 'r' and g.lock <> '') as row_locks,
    -- [table, action, [row, ...]] of grants on single rows; as many ids as the limit mean: there are more
    (select coalesce(jsonb_agg(jsonb_build_array(t.table_id, perm.action, r.ids)), '[]')
     from (
         with recursive tables(table_id) as (
             (select min(g.table_id) from rbac_guard g where g.workspace_id = w.id and g.kind = 'r')
             union all
             select (select min(g.table_id) from rbac_guard g
                     where g.workspace_id = w.id and g.kind = 'r' and g.table_id > tables.table_id)
             from tables where tables.table_id is not null
         )
         select table_id from tables where table_id is not null
     ) t
     cross join perm
     cross join lateral (
         select jsonb_agg(distinct held.node_id) as ids
         from (
             (select gu.node_id from rbac_guarduser gu
              where gu.user_id = %(user_id)s and gu.workspace_id = w.id and gu.table_id = t.table_id
                and gu.permission_id = perm.id and gu.kind = 'r'
              limit %(row_limit)s)
             union all
             (select gg.node_id from mine join rbac_guardgroup gg
                     on gg.group_id = mine.id and gg.workspace_id = w.id and gg.table_id = t.table_id
                        and gg.permission_id = perm.id and gg.kind = 'r'
              limit %(row_limit)s)
         ) held
     ) r
     where r.ids is not null) as row_grants
from qdm_workspace w
where w.slug = %(slug)s
