-- How far ids and stamps of workspace {ws} have been given out.
select (select last_value from {ws}.node_id_seq), (select last_value from {ws}.version_seq),
       (select coalesce(max(id), 0) from {ws}.batch)
