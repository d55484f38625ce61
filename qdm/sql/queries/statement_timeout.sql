-- Statements of this connection are stopped after %(ms)s milliseconds.
select set_config('statement_timeout', %(ms)s, false)
