#!/bin/sh
# Run once, with the first start of an empty database: two logins, neither a member of the other.
# The owner migrates; the application owns nothing and gets its rights table by table from `manage.py migrate`.
set -eu
: "${OWNER_PASSWORD:?}" "${APP_PASSWORD:?}"
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
CREATE ROLE foodtrace_owner LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'owner_password';
CREATE ROLE foodtrace_app LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'app_password';
CREATE DATABASE foodtrace OWNER foodtrace_owner;
REVOKE ALL ON DATABASE postgres, template1, foodtrace FROM PUBLIC;
GRANT CONNECT ON DATABASE foodtrace TO foodtrace_app;
\connect foodtrace
ALTER SCHEMA public OWNER TO foodtrace_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SQL
