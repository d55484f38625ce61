-- Told by the triggers, in the transaction of the write: these rows of the term (null: any of them) came, went, or are
-- called otherwise. Whoever keeps something of rows beside the projections puts a function of his own in its place
-- (rbac/sql/rows_moved.sql); this one does nothing.
do $$ begin
  if to_regprocedure('qdm.rows_moved(text, bigint, bigint[])') is null then
    create function qdm.rows_moved(ws text, term_id bigint, records bigint[]) returns void
      language plpgsql
      as $body$ begin end $body$;
  end if;
end $$;
