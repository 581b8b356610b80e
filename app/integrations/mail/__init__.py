"""Mail, behind a protocol: files in development, SMTP or SES in production."""
