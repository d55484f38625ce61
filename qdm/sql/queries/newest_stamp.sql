-- The newest stamp given in a workspace.
select last_value from {ws}.version_seq
