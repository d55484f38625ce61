"""Upload forms: files of one kind that come again and again end in one table, without a hand touched."""
