"""How Linky gets onto a server, and what it is given there. Stands in no wheel."""
