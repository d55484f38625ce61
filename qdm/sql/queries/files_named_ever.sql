-- Of these keys those that any text of {ws} names, whatever its column is by now, in the trash and in the history too:
-- each of them is read whole.
select k.key from unnest(%(keys)s::text[]) as k (key)
where '/' || k.key in (select right(val, 17) from {ws}.node where val ~ %(form)s)
   or k.key in (
     select (regexp_matches(coalesce(before::text, '') || ' ' || coalesce(after::text, ''), %(inside)s, 'g'))[1]
     from {ws}.change where before::text ~ %(inside)s or after::text ~ %(inside)s
   )
