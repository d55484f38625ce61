-- %(count)s new node ids of workspace {ws}, ascending.
select nextval('{ws}.node_id_seq') from generate_series(1, %(count)s)
