-- A grant repeats what its guard stands on, whoever writes it; a guard never moves. (The first function: rows_moved.sql.)

create or replace function rbac_grant_of_guard() returns trigger language plpgsql as $$
begin
    select g.workspace_id, g.kind, g.table_id, g.node_id
    into new.workspace_id, new.kind, new.table_id, new.node_id
    from rbac_guard g where g.id = new.content_object_id;
    return new;
end
$$;

create or replace function rbac_guard_stays() returns trigger language plpgsql as $$
begin
    raise exception 'a guard stays where it was made' using errcode = 'restrict_violation';
end
$$;

create trigger rbac_grant_of_guard before insert or update of content_object_id on rbac_guarduser
    for each row execute function rbac_grant_of_guard();
create trigger rbac_grant_of_guard before insert or update of content_object_id on rbac_guardgroup
    for each row execute function rbac_grant_of_guard();
create trigger rbac_guard_stays before update on rbac_guard for each row
    when ((old.workspace_id, old.kind, old.table_id, old.node_id)
          is distinct from (new.workspace_id, new.kind, new.table_id, new.node_id))
    execute function rbac_guard_stays();

update rbac_guarduser set content_object_id = content_object_id;
update rbac_guardgroup set content_object_id = content_object_id;
