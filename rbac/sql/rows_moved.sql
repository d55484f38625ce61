-- A grant on a row repeats, beside what its guard stands on, whether the row is there and what it is sorted by in the
-- default order, so that the rows of somebody who has thousands of them are counted, and their first ones found, in an
-- index of the grants: 2,000 rows that lie anywhere among a million take 20 times as long to look up.

create or replace function rbac_grant_of_guard() returns trigger language plpgsql set plan_cache_mode = auto as $$
declare
  ws text;
begin
  select g.workspace_id, g.kind, g.table_id, g.node_id, 'ws_' || w.slug
  into new.workspace_id, new.kind, new.table_id, new.node_id, ws
  from public.rbac_guard g join public.qdm_workspace w on w.id = g.workspace_id where g.id = new.content_object_id;
  new.is_there := false;
  new.row_key := null;
  if new.kind = 'r' and to_regclass(format('%I.t_%s', ws, new.table_id)) is not null then
    -- Whoever is changing the row has its node: what he makes of it is waited for, and then read.
    execute format('select from %I.node where id = $1 for share', ws) using new.node_id;
    execute format('select true, skey from %I.t_%s where id = $1', ws, new.table_id)
      into new.is_there, new.row_key using new.node_id;
    new.is_there := coalesce(new.is_there, false);
  end if;
  return new;
end
$$;

create or replace function qdm.rows_moved(ws text, term_id bigint, records bigint[]) returns void language plpgsql as $$
declare
  guards bigint[];
begin
  -- An import of a million rows asks only whether there is any.
  if records is null then
    guards := array(select g.id from public.qdm_workspace w join public.rbac_guard g on g.workspace_id = w.id
                    where w.slug = substr(ws, 4) and g.table_id = term_id and g.kind = 'r');
  elsif cardinality(records) <= 100 or exists (
      select from public.qdm_workspace w join public.rbac_guard g on g.workspace_id = w.id
      where w.slug = substr(ws, 4) and g.table_id = term_id and g.kind = 'r') then
    guards := array(select g.id from public.qdm_workspace w join public.rbac_guard g on g.workspace_id = w.id
                    where w.slug = substr(ws, 4) and g.table_id = term_id and g.kind = 'r' and g.node_id = any(records));
  end if;
  if coalesce(cardinality(guards), 0) = 0 then
    return;
  end if;
  execute format($q$
    with now as (
      select g.id, p.id is not null as is_there, p.skey
      from public.rbac_guard g left join %I.t_%s p on p.id = g.node_id where g.id = any($1)
    ),
    of_users as (
      update public.rbac_guarduser o set is_there = n.is_there, row_key = n.skey from now n
      where o.content_object_id = n.id and (o.is_there, o.row_key) is distinct from (n.is_there, n.skey)
    )
    update public.rbac_guardgroup o set is_there = n.is_there, row_key = n.skey from now n
    where o.content_object_id = n.id and (o.is_there, o.row_key) is distinct from (n.is_there, n.skey)
  $q$, ws, term_id) using guards;
end
$$;

-- What a grant repeats of its row is neither a change of rights nor anything the log of them may tell.
create or replace function rbac_log() returns trigger language plpgsql as $$
declare
  left_out text[] := '{digest,password,is_there,row_key}';
  changed bigint;
begin
  if tg_op = 'INSERT' then
    insert into public.rbac_accesslog(at, actor_id, event, subject, before, after)
    select now(), public.rbac_actor(), tg_op, tg_table_name, null, to_jsonb(n) - left_out from new_rows n;
  elsif tg_op = 'DELETE' then
    insert into public.rbac_accesslog(at, actor_id, event, subject, before, after)
    select now(), public.rbac_actor(), tg_op, tg_table_name, to_jsonb(o) - left_out, null from old_rows o;
  else
    -- Counted, not asked for the first: of two hundred thousand rows that are alike each would be compared with each.
    select count(*) into changed from old_rows o join new_rows n using (id)
    where to_jsonb(o) - left_out - 'last_used' <> to_jsonb(n) - left_out - 'last_used';
    if changed > 0 then
      insert into public.rbac_accesslog(at, actor_id, event, subject, before, after)
      select now(), public.rbac_actor(), tg_op, tg_table_name, to_jsonb(o) - left_out, to_jsonb(n) - left_out
      from old_rows o join new_rows n using (id)
      where to_jsonb(o) - left_out - 'last_used' <> to_jsonb(n) - left_out - 'last_used';
    end if;
  end if;
  return null;
end
$$;

-- Grants that are there already.
do $$
declare
  item record;
begin
  for item in
    select distinct 'ws_' || w.slug as ws, g.table_id as term
    from public.rbac_guard g join public.qdm_workspace w on w.id = g.workspace_id where g.kind = 'r'
  loop
    if to_regclass(format('%I.t_%s', item.ws, item.term)) is not null then
      perform qdm.rows_moved(item.ws, item.term, null);
    end if;
  end loop;
end
$$;
