"""How pages and letters write dates and moments: as cells do (qdm.types), in the language of who reads them."""
