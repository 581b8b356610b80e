"""Every SQL statement about reports, their cases, and the evidence in them."""
