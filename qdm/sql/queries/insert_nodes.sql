-- New nodes in one statement, so that triggers see a record together with its cells.
insert into {ws}.node (id, up, t, val)
select * from unnest(%(ids)s::bigint[], %(ups)s::bigint[], %(ts)s::bigint[], %(vals)s::text[])
