#!/bin/sh
# Run once by the image of PostgreSQL: a database and a role each for Dagster's runs and the stewards' decisions.
set -eu
for name in dagster stewardship; do
    [ "$name" = dagster ] && password=$DAGSTER_PASSWORD || password=$STEWARDSHIP_PASSWORD
    psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$password" --username postgres <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name" encoding 'UTF8' template template0;
SQL
done
