-- Nearly every write is of a few rows that are no structure: what the triggers (04_triggers.sql) do for those, with plans
-- that are kept.

-- Whether any of these rows is structure: is, or hangs on, a term or a requisite. Asked of every write, and nearly
-- always answered with no.
create or replace function qdm.has_structure(rows qdm.node_row[]) returns boolean
  language plpgsql
  as $$
begin
  return exists (select from unnest(rows) r
                 where (r.up = 0 and r.id <> r.t) or exists (select from term t where t.id = r.up)
                    or exists (select from requisite q where q.id = r.up));
end $$;

-- Records that a statement has made: nobody else can see them yet, so no locks and no before.
create or replace function qdm.log_created(term_id bigint, records bigint[], stamp bigint, batch_id bigint) returns void
  language plpgsql
  as $$
begin
  insert into change (record, ver, term, batch, kind) select r, stamp, term_id, batch_id, 'c' from unnest(records) r;
  perform qdm.announce(term_id, records, batch_id);
end $$;

-- A few rows that are no structure: records with their cells, cells of older records. As qdm.node_inserted does it for
-- any number, with plans that are kept.
create or replace function qdm.few_inserted(come qdm.node_row[]) returns void
  language plpgsql
  as $$
declare
  stamp bigint;
  batch_id bigint;
  item record;
begin
  for item in
    select n.t as term, array_agg(n.id) as records
    from unnest(come) n join term t on t.id = n.t and t.target is null
    where n.up <> 0 and (n.up = 1 or not exists (select from node p where p.id = abs(n.up) and p.up in (0, -2)))
    group by n.t order by n.t
  loop
    stamp := coalesce(stamp, nextval('version_seq'));
    batch_id := coalesce(batch_id, qdm.current_batch());
    perform qdm.log_created(item.term, item.records, stamp, batch_id);
    perform qdm.repivot(item.term, item.records, stamp);
    perform qdm.rows_moved(current_schema(), item.term, item.records);
  end loop;
  perform qdm.touch(null, (
    select array_agg(n) from unnest(come) n
    where n.up > 1 and not exists (select from unnest(come) r join term t on t.id = r.t where r.id = n.up)
      and not exists (select from term t where t.id = n.t)));
end $$;
