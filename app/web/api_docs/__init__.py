"""`/docs`: the API reference, a page for each operation, in the reader's language.

We draw it ourselves. Scalar's script has 4.9 MB and needed 6 s on a slow phone, and Redoc's can't
call the API and asks another host for a picture. English is the text of the OpenAPI document.
`ja.toml` has the Japanese for each of these texts.
"""
