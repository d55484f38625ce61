-- A new workspace {ws} about to be filled: its indexes are made afterwards, at once.
alter table {ws}.change drop constraint change_pkey;
drop index {ws}.change_order;
