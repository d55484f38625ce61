-- Columns of a table, to see whether it is one of IntegramDD.
select attname, format_type(atttypid, null) from pg_attribute
where attrelid = to_regclass(%(table)s) and attnum > 0 and not attisdropped
