-- Statistics of rules in workspaces that are gone, and of what nobody asked for in %(keep)s days.
delete from qdm.rule_use u
where u.last < now() - make_interval(days => %(keep)s) or not exists (select from pg_namespace where nspname = u.ws)
