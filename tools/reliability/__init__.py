"""What tests of reliability found: summaries in docs/reliability, and the pages made of them."""
