"""Every SQL statement about tokens, nonces, browser sign-ins, wrong passwords and mails."""
