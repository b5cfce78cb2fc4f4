"""The statement that publishes vouchers; run by every test of them. The function stands in migration 0002."""

PUBLISH = "SELECT portal_publish(%s)"
