"""Push messages, behind a protocol: logged in development, sent through FCM in production."""
