#!/bin/sh
# Run once by the PostgreSQL image on an empty volume: one database, and for each service a role that owns a schema of its
# name, so that no service can see another's tables. The passwords are read from the environment.
set -eu

role() {
    psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
        --set role="$1" --set password="$2" --set database="$POSTGRES_DB" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password' CONNECTION LIMIT 60;
GRANT CONNECT, CREATE ON DATABASE :"database" TO :"role";
CREATE SCHEMA :"role" AUTHORIZATION :"role";
SQL
}

psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set database="$POSTGRES_DB" <<'SQL'
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
role marketing "$MARKETING_PASSWORD"
role credit "$CREDIT_PASSWORD"
role operations "$OPERATIONS_PASSWORD"
role risk "$RISK_PASSWORD"
role asset_liability "$ASSET_LIABILITY_PASSWORD"
role reporting "$REPORTING_PASSWORD"
role gateway "$GATEWAY_PASSWORD"
