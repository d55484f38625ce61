-- What the database server is: version, how many connections it takes, encoding, whether it cases Cyrillic.
select current_setting('server_version_num')::int, current_setting('max_connections')::int,
       (select pg_encoding_to_char(encoding) from pg_database where datname = current_database()), lower('Ж') = 'ж'
