-- Who has the token with this digest: rbac_caller, made by caller.sql. Parameters: digest, now, slug.
select id, label, read_only, created_at, expires_at, last_used, workspace_id, slug,
       user_id, username, is_active, is_staff, is_superuser, known_as, language, version
from rbac_caller(%s, %s, %s)
