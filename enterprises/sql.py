"""The statement of this app that is not ORM: asked with every paper that is confirmed."""

KEEPS_BOOKS = "SELECT enterprises_keeps_books(%s, %s)"
