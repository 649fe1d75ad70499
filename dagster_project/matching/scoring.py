"""Pairs of records that may be one party, scored by Splink on DuckDB with declared weights (model.yml)."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.matching.names import take_apart

MODEL = Path(__file__).with_name("model.yml")
FIELDS = ("name", "place", "tax_identifier", "bank_account_number", "email")
RECORD_COLUMNS = (
    "record_id", "name", "tax_identifier", "country", "region", "city", "email", "bank_account_number",
)  # fmt: skip
_READINGS = 3  # of a Chinese name besides the usual one that pairs are looked for by
# Mailboxes that anybody can have; a domain says whose it is only otherwise.
_FREE_MAIL = (
    "gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "gmx.de", "gmx.net", "web.de", "t-online.de",
    "qq.com", "163.com", "126.com", "sina.com", "sina.cn", "foxmail.com", "aliyun.com", "139.com", "189.cn", "yeah.net",
)  # fmt: skip


@cache
def model() -> dict[str, Any]:
    """The declared model: start, thresholds, blocks, fields with their levels."""
    import yaml

    return dict(yaml.safe_load(MODEL.read_text(encoding="utf-8")))


def weight_of(probability: float) -> float:
    """Match weight (bits) of a probability."""
    import math

    return math.log2(probability / (1 - probability))


def score_pairs(connection: duckdb.DuckDBPyConnection, records: str) -> None:
    """Make table ``scored_pair`` of the pairs in ``records`` that reach the model's review threshold.

    ``records``: name of a table with RECORD_COLUMNS, one row per record_id. Columns of the result: record_id <
    other_record_id, probability, weight (bits), ``weight_<field>`` and ``level_<field>`` per field, weight_start.
    Also leaves ``match_record``, the records as they were compared. Pairs and weights depend on the
    records alone.
    """
    compared_records(connection, records)
    _predict(connection)


def compared_records(connection: duckdb.DuckDBPyConnection, records: str) -> None:
    """Make table ``match_record``: one row per record, in one spelling, without values that tell nobody apart."""
    take_apart(connection, records)
    _check_tax_identifiers(connection, records)
    largest = int(model()["largest_block"])
    connection.execute(
        f"""create or replace temporary table match_record as
        with spelled as (
            select record.record_id,
                part.core, part.script, part.stem, part.stem_latin, part.skeleton, part.industry, part.name_place,
                part.digits, list_filter(string_split(part.other_readings, ' '), reading -> reading <> '')
                    as other_readings,
                case when part.script = 'han' and length(part.core) >= 4 then left(part.core, 3)
                     else left(part.core, 5) end as beginning,
                city.key as city, region.key as region, nullif(upper(trim(record.country)), '') as country,
                tax.tax_identifier, tax.tax_country, coalesce(tax.is_valid, false) as is_tax_identifier_valid,
                nullif(regexp_replace(upper(record.bank_account_number), '[^A-Z0-9]', '', 'g'), '')
                    as bank_account_number,
                case when contains(record.email, '@') then lower(trim(record.email)) end as email
            from {records} as record
            left join name_part as part
                on record.name = part.name and record.city is not distinct from part.city
            left join place_key as city on record.city = city.place
            left join place_key as region on record.region = region.place
            left join tax_number as tax
                on record.tax_identifier = tax.written and record.country is not distinct from tax.country
        ),
        counted as (
            select *,
                count(*) over (partition by tax_identifier) as tax_identifier_count,
                count(*) over (partition by bank_account_number) as bank_account_number_count,
                count(*) over (partition by email) as email_count,
                split_part(email, '@', 2) as domain
            from spelled
        )
        select * exclude (tax_identifier_count, bank_account_number_count, email_count, domain)
            replace (
                case when tax_identifier_count <= {largest} then tax_identifier end as tax_identifier,
                case when bank_account_number_count <= {largest} then bank_account_number end as bank_account_number,
                case when email_count <= {largest} then email end as email),
            case when domain not in {_FREE_MAIL} then domain end as email_domain
        from counted"""
    )
    # A block of more than so many records is left out: it would make pairs by the square of them.
    for number, block in enumerate(model()["blocks"]):
        columns = ", ".join(block)
        given = " and ".join(f"{column} is not null" for column in block)
        connection.execute(
            f"""create or replace temporary table match_record as
                select *, case when {given} and count(*) over (partition by {columns}) <= {largest}
                    then hash({columns}) end as block_{number}
                from match_record"""
        )

    readings = ", ".join(
        f"case when len(other_readings) > {n} and city is not null then hash(other_readings[{n + 1}], city) end"
        f" as chinese_reading_{n}"
        for n in range(_READINGS)
    )
    connection.execute(
        f"""create or replace temporary table match_record as
            select *, case when script <> 'han' and city is not null
                and count(*) over (partition by stem_latin, city) <= {largest} then hash(stem_latin, city) end
                as latin_reading, {readings}
            from match_record"""
    )


def _check_tax_identifiers(connection: duckdb.DuckDBPyConnection, records: str) -> None:
    """Table ``tax_number``: each distinct number in one spelling, without its country's prefix, and if it is valid.

    Numbers of countries that have no check digit count as valid when they are long enough to be one.
    """
    from expectations.check_digits import compact, tax_identifier_country, tax_identifier_valid

    frame = connection.execute(
        f"select distinct tax_identifier as written, country from {records} where tax_identifier is not null"
    ).to_arrow_table().to_pandas()  # fmt: skip
    frame["tax_identifier"] = compact(frame["written"])
    frame["named"] = tax_identifier_country(frame["written"])
    frame["obeys"] = tax_identifier_valid(frame["written"], frame["country"]).astype("boolean")
    connection.register("checked", frame)
    connection.execute(
        """create or replace temporary table tax_number as
            select written, country, tax_identifier, tax_country, coalesce(obeys, true) as is_valid
            from (
                select written, country, obeys, coalesce(named, upper(country)) as tax_country,
                    case when starts_with(tax_identifier, coalesce(named, upper(country)))
                         then substr(tax_identifier, 3) else tax_identifier end as tax_identifier
                from checked
            )
            -- 0000000, 123 and the like stand where a number was asked for and none was known.
            where length(tax_identifier) >= 6 and length(replace(tax_identifier, left(tax_identifier, 1), '')) > 0"""
    )
    connection.unregister("checked")


def _settings() -> Any:
    """Splink's settings for the declared model."""
    from splink import SettingsCreator
    from splink.comparison_level_library import CustomLevel, ElseLevel
    from splink.comparison_library import CustomComparison

    declared = model()
    blocks = declared["blocks"]
    comparisons: list[Any] = []
    for field in FIELDS:
        levels: list[Any] = []
        for level in declared["fields"][field]:
            # A level without figures says nothing, so both chances are alike.
            chances = {"m_probability": level.get("same", 0.5), "u_probability": level.get("other", 0.5)}
            if "when" not in level:
                made = ElseLevel().configure(label_for_charts=level["level"], **chances)
            elif "same" in level:
                made = CustomLevel(level["when"]).configure(label_for_charts=level["level"], **chances)
            else:
                made = CustomLevel(level["when"]).configure(label_for_charts=level["level"], is_null_level=True)
            levels.append(made)
        comparisons.append(CustomComparison(output_column_name=field, comparison_levels=levels))
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        probability_two_random_records_match=declared["start"],
        blocking_rules_to_generate_predictions=[
            *({"blocking_rule": f"l.block_{n} = r.block_{n}", "sql_dialect": "duckdb"} for n in range(len(blocks))),
            # A Latin name is compared with every reading of a Chinese one.
            *(
                {"blocking_rule": f"{one}.latin_reading = {two}.chinese_reading_{n}", "sql_dialect": "duckdb"}
                for n in range(_READINGS)
                for one, two in (("l", "r"), ("r", "l"))
            ),
        ],
        comparisons=comparisons,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        linker_uid="matching",
    )


def _predict(connection: duckdb.DuckDBPyConnection) -> None:
    """Run Splink over ``match_record``; keep pairs from the review threshold on as ``scored_pair``."""
    from splink import DuckDBAPI, Linker

    # Splink warns of a comparison without a null level and of a model that was not trained: both are meant.
    logging.getLogger("splink").setLevel(logging.ERROR)
    declared = model()
    database = DuckDBAPI(connection)
    frame = database.register("match_record")
    linker = Linker(frame, _settings(), log_level=None, validate_settings=False)
    found = linker.inference.predict(threshold_match_probability=declared["review"], warning_mode="never")
    level = {field: _level_of(field, levels) for field, levels in declared["fields"].items()}
    connection.execute(
        f"""create or replace temporary table scored_pair as
            select least(record_id_l, record_id_r) as record_id, greatest(record_id_l, record_id_r) as other_record_id,
                round(match_weight, 6) as weight, match_probability as probability,
                {weight_of(declared["start"])} as weight_start,
                {", ".join(f"mw_{field} as weight_{field}, {level[field]} as level_{field}" for field in FIELDS)}
            from {found.physical_name}"""
    )
    linker.table_management.delete_tables_created_by_splink_from_db()


def _level_of(field: str, levels: list[dict[str, Any]]) -> str:
    """SQL for the level that holds: Splink counts from the last, 0, up to the first; a null level is -1."""
    speaking = [level for level in levels if "same" in level or "when" not in level]
    said = {len(speaking) - 1 - place: level["level"] for place, level in enumerate(speaking)}
    said |= {-1: next((level["level"] for level in levels if level not in speaking), "missing")}
    cases = " ".join(f"when {number} then '{level}'" for number, level in said.items())
    return f"case gamma_{field} {cases} end"
