-- Statements of this connection take as long as those of any other.
reset statement_timeout
