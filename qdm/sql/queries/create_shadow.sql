-- The table of workspace {ws} for projections that are being made anew (schema/09_shadow.sql).
create table {ws}.shadow (term bigint primary key, as_if jsonb not null, pivot text not null,
                          filled bigint not null default 0, begun xid8 not null default pg_current_xact_id());
