"""Images: uploaded, made harmless, kept, and taken away when nothing shows them."""
