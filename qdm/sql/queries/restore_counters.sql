-- Ids and stamps go on where they stopped, and never below what is there.
select setval('{ws}.node_id_seq', greatest(110, %(node)s, (select max(id) from {ws}.node))),
       setval('{ws}.version_seq', greatest(%(version)s, (select last_value from {ws}.version_seq),
                                           (select max(ver) from {ws}.change))),
       setval(pg_get_serial_sequence('{ws}.batch', 'id'), greatest(1, (select max(id) from {ws}.batch)))
