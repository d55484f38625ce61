-- Statistics of one table of workspace {ws} after a bulk load.
analyze {ws}.{table}
