-- %(count)s new node ids of workspace {ws} as ranges (first, number): one range unless others draw ids meanwhile.
select min(id), count(*) from (select nextval('{ws}.node_id_seq') as id, n from generate_series(1, %(count)s) n) drawn
group by id - n order by 1
