-- The log of rights: statement-level triggers, so that bulk writes, cascades and plain SQL are in it too.
-- The actor is the user id of `SET LOCAL integram.actor`; null when nobody said who acts.

create function rbac_actor() returns bigint language sql stable as $$
    select nullif(current_setting('integram.actor', true), '')::bigint
$$;

create function rbac_log() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into rbac_accesslog(at, actor_id, event, subject, before, after)
        select now(), rbac_actor(), tg_op, tg_table_name, null, to_jsonb(n) - 'digest' - 'password' from new_rows n;
    elsif tg_op = 'DELETE' then
        insert into rbac_accesslog(at, actor_id, event, subject, before, after)
        select now(), rbac_actor(), tg_op, tg_table_name, to_jsonb(o) - 'digest' - 'password', null from old_rows o;
    else
        insert into rbac_accesslog(at, actor_id, event, subject, before, after)
        select now(), rbac_actor(), tg_op, tg_table_name,
               to_jsonb(o) - 'digest' - 'password', to_jsonb(n) - 'digest' - 'password'
        from old_rows o join new_rows n using (id)
        where to_jsonb(o) - 'digest' - 'last_used' <> to_jsonb(n) - 'digest' - 'last_used';
    end if;
    return null;
end
$$;

-- Of a user only what rights depend on is compared and kept: no password, no time of the last sign-in.
create function rbac_log_user() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into rbac_accesslog(at, actor_id, event, subject, before, after)
        select now(), rbac_actor(), tg_op, tg_table_name, null, rbac_user_rights(n) from new_rows n;
    elsif tg_op = 'DELETE' then
        insert into rbac_accesslog(at, actor_id, event, subject, before, after)
        select now(), rbac_actor(), tg_op, tg_table_name, rbac_user_rights(o), null from old_rows o;
    else
        insert into rbac_accesslog(at, actor_id, event, subject, before, after)
        select now(), rbac_actor(), tg_op, tg_table_name, rbac_user_rights(o), rbac_user_rights(n)
        from old_rows o join new_rows n using (id)
        where rbac_user_rights(o) <> rbac_user_rights(n);
    end if;
    return null;
end
$$;

create function rbac_user_rights(u rbac_user) returns jsonb language sql immutable as $$
    select jsonb_build_object('id', u.id, 'username', u.username, 'known_as', u.known_as, 'is_active', u.is_active,
                              'is_staff', u.is_staff, 'is_superuser', u.is_superuser)
$$;

-- Whoever keeps an Access (an open socket or stream) is told to build it anew.
create function rbac_announce() returns trigger language plpgsql as $$
begin
    perform pg_notify('integram_rights', '');
    return null;
end
$$;

create trigger rbac_announce after insert on rbac_accesslog for each statement execute function rbac_announce();

do $$
declare
    subject text;
begin
    foreach subject in array array['rbac_guard', 'rbac_guarduser', 'rbac_guardgroup', 'rbac_user_groups',
                                   'rbac_token', 'auth_group', 'rbac_user']
    loop
        execute format(
            'create trigger rbac_log_insert after insert on %1$I referencing new table as new_rows '
            'for each statement execute function %2$I()',
            subject, case subject when 'rbac_user' then 'rbac_log_user' else 'rbac_log' end);
        execute format(
            'create trigger rbac_log_update after update on %1$I referencing old table as old_rows new table as new_rows '
            'for each statement execute function %2$I()',
            subject, case subject when 'rbac_user' then 'rbac_log_user' else 'rbac_log' end);
        execute format(
            'create trigger rbac_log_delete after delete on %1$I referencing old table as old_rows '
            'for each statement execute function %2$I()',
            subject, case subject when 'rbac_user' then 'rbac_log_user' else 'rbac_log' end);
    end loop;
end
$$;
