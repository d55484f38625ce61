-- What the database server is: version, how many connections it takes, encoding, whether it cases Cyrillic, whether
-- trigram indexes can be made.
select current_setting('server_version_num')::int, current_setting('max_connections')::int,
       (select pg_encoding_to_char(encoding) from pg_database where datname = current_database()), lower('Ж') = 'ж',
       exists (select from pg_available_extensions where name = 'pg_trgm'),
       exists (select from pg_extension where extname = 'pg_trgm')
