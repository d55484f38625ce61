-- Who acts in this transaction, for the triggers of the log of rights. Parameter: user id as text, '' for nobody.
select set_config('integram.actor', %s, true)
