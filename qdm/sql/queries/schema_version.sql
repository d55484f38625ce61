-- Version of the structure of workspace %(ws)s, NULL when there is no such workspace.
select qdm.schema_version(%(ws)s)
