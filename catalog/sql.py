"""The statements of this app that are not ORM; each is run by a test. Functions: migration 0008."""

TAKE_IN = "SELECT * FROM catalog_take_in(%s)"
RESOLVE = "SELECT * FROM catalog_resolve(%s, NULL, %s)"
RECOUNT = "SELECT * FROM catalog_recount(%s)"
