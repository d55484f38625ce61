-- The token with this digest, if it opens anything, with its user and the workspace it is narrowed to.
select t.id, t.label, t.read_only, t.created_at, t.expires_at, t.last_used, t.workspace_id, w.slug,
       u.id, u.username, u.is_active, u.is_staff, u.is_superuser, u.known_as, u.language
from rbac_token t
join rbac_user u on u.id = t.user_id
left join qdm_workspace w on w.id = t.workspace_id
where t.digest = %s and u.is_active and (t.expires_at is null or t.expires_at > %s)
