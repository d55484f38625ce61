-- Everything of workspace {ws}.
drop schema {ws} cascade
