-- Who comes to the door of programs, as a function: a server process plans it once, which takes longer than it runs.
-- The token with this digest, if it opens anything at the moment `at`, with its user, the workspace it is narrowed to,
-- and the version of the structure of the workspace `wanted` (null: none is wanted, or there is none).
create or replace function rbac_caller(sought bytea, at timestamptz, wanted text)
  returns table (id bigint, label text, read_only boolean, created_at timestamptz, expires_at timestamptz,
                 last_used timestamptz, workspace_id bigint, slug text,
                 user_id bigint, username text, is_active boolean, is_staff boolean, is_superuser boolean,
                 known_as text, language text, version bigint)
  language plpgsql stable
  set plan_cache_mode = force_generic_plan
  as $$
begin
  return query
    select t.id, t.label::text, t.read_only, t.created_at, t.expires_at, t.last_used, t.workspace_id::bigint, w.slug::text,
           u.id::bigint, u.username::text, u.is_active, u.is_staff, u.is_superuser, u.known_as::text, u.language::text,
           case when wanted is not null then qdm.schema_version('ws_' || wanted) end
    from rbac_token t
    join rbac_user u on u.id = t.user_id
    left join qdm_workspace w on w.id = t.workspace_id
    where t.digest = sought and u.is_active and (t.expires_at is null or t.expires_at > at);
end $$;
