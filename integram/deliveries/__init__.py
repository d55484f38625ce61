"""Tables sent by e-mail again and again: each recipient gets what he himself may see at that time."""
