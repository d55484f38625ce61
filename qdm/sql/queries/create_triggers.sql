-- Triggers on the node table of workspace {ws}: from here on catalogue, projections and history follow every write.
create trigger node_inserted after insert on {ws}.node
  referencing new table as new_rows for each statement execute function qdm.node_inserted();
create trigger node_updated after update on {ws}.node
  referencing old table as old_rows new table as new_rows for each statement execute function qdm.node_updated();
create trigger node_deleted after delete on {ws}.node
  referencing old table as old_rows for each statement execute function qdm.node_deleted();
create trigger node_truncated before truncate on {ws}.node
  for each statement execute function qdm.node_truncated();
