"""Names of companies taken apart for comparing: width, script, legal form, place, industry, what is left.

Set work in DuckDB; Python sees each distinct name, stem and industry once, for what SQL can't do (Unicode forms,
traditional characters, pinyin). The words are in ``words/``: forms of companies, places, industries.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from itertools import islice, product
from pathlib import Path

import duckdb

WORDS = Path(__file__).with_name("words")
PARTS = (
    "core", "script", "stem", "stem_latin", "other_readings", "skeleton", "industry", "name_place", "digits",
)  # fmt: skip
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae", "å": "aa", "œ": "oe"})
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_SHORTEST_STEM = 2


def folded(text: str) -> str:
    """One spelling per text: half width, lower case, simplified characters, no accents (ü as ue, é as e)."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_GERMAN)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = unicodedata.normalize("NFC", text).translate(_simplified())
    return text


def romanised(stem: str) -> str:
    """Chinese characters as pinyin without tones, in their usual reading; other letters and digits as they are."""
    if not _HAN.search(stem):
        return stem
    from pypinyin import Style, lazy_pinyin

    return _as_typed("".join(lazy_pinyin(stem, style=Style.NORMAL)))


def other_readings(stem: str) -> str:
    """What else a Chinese stem may be read as (晟 is sheng and cheng): at most seven readings, separated by spaces."""
    if not _HAN.search(stem):
        return ""
    from pypinyin import Style, pinyin

    # Two readings of a character are all that names use; more would make everything sound alike.
    ways = [list(dict.fromkeys(map(_as_typed, one)))[:2] for one in pinyin(stem, style=Style.NORMAL, heteronym=True)]
    usual = romanised(stem)
    found = dict.fromkeys("".join(way) for way in islice(product(*ways), 8))
    return " ".join(reading for reading in found if reading != usual)


def _as_typed(reading: str) -> str:
    """ü is written v in passports and u by most clerks."""
    return reading.replace("ü", "u").replace("v", "u").lower()


def skeleton(stem_latin: str) -> str:
    """What typing errors leave alone: first letter, then consonants and digits, doubled ones once."""
    kept = stem_latin[:1] + "".join(c for c in stem_latin[1:] if c not in "aeiouy")
    return "".join(c for c, before in zip(kept, " " + kept, strict=False) if c != before)


def take_apart(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make table ``name_part`` from the column ``name`` and ``city`` of ``table``: one row per name and city.

    Columns: name, city and ``PARTS``. ``core`` is the name without legal form and place, ``stem`` the core without its
    industry, ``stem_latin`` its transliteration, ``name_place`` and ``industry`` keys that
    are the same in both scripts.
    """
    connection.execute(
        f"create or replace temporary table name_folded as select distinct name from {table} where name is not null"
    )
    _map(connection, "name_folded", "name", {"folded": folded})
    _place_keys(connection, table)
    cities, provinces, countries = (_alternatives(_words("chinese", kind)) for kind in ("city", "province", "country"))
    places = _alternatives(_words("latin"))
    every_place = _alternatives(_words("chinese"))
    chinese_form = f"(?:{_alternatives(_forms('chinese'))})+$"
    latin_form = f"(?: (?:{_alternatives(_forms('latin'))}))+$"
    province_ending = "(?:省|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?"
    district = r"(?:市\p{Han}{2}(?:新区|区|县)|市|地区)?"
    prefix = [
        f"^(?:中国)?(?:(?:{provinces}){province_ending})?({cities}){district}",
        f"^(?:中国)?({provinces}){province_ending}",
        f"^({countries})",
    ]
    connection.execute(
        f"""create or replace temporary table name_part as
        with own as (
            select distinct record.name, record.city, known.folded, city.key as city_key, city.folded as city_folded
            from {table} as record
            inner join name_folded as known on record.name = known.name
            left join place_key as city on record.city = city.place
        ),
        -- A place in brackets is a place; any other bracket is part of the name.
        bracketed as (
            select *, regexp_extract(folded, $bracket, 1) as in_bracket,
                trim(regexp_replace(regexp_replace(regexp_replace(folded, $bracket, ' '), '[.''’`·]', '', 'g'),
                                    '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')) as spaced
            from own
        ),
        scripted as (
            select *, regexp_matches(spaced, '\\p{{Han}}') as is_han from bracketed
        ),
        -- Legal forms stand at the end; a few, such as PT and The, at the beginning.
        formless as (
            select *,
                case when is_han
                    then regexp_replace(regexp_replace(replace(regexp_replace(' ' || spaced, $latin_form, ''), ' ', ''),
                                                       '^(?:株式会社|有限会社)', ''), $chinese_form, '')
                    else trim(regexp_replace(regexp_replace(' ' || spaced, '^ (?:pt|the) ', ' '), $latin_form, ''))
                end as formless
            from scripted
        ),
        placed as (
            select *,
                case when is_han then coalesce(
                    nullif(regexp_extract(formless, $prefix_city, 1), ''),
                    nullif(regexp_extract(formless, $prefix_province, 1), ''),
                    nullif(regexp_extract(formless, $prefix_country, 1), ''))
                else nullif(regexp_extract(' ' || formless || ' ', $latin_place, 1), '') end as place_word,
                case when is_han then case
                    when regexp_matches(formless, $prefix_city) then regexp_replace(formless, $prefix_city, '')
                    when regexp_matches(formless, $prefix_province) then regexp_replace(formless, $prefix_province, '')
                    else regexp_replace(formless, $prefix_country, '') end
                else trim(regexp_replace(
                    replace(replace(' ' || formless || ' ', ' ', '  '),
                            '  ' || coalesce(city_folded, '?') || '  ', '  '),
                    $latin_places, ' ', 'g'))
                end as placeless
            from formless
        ),
        -- A name that is nothing but a place and a form keeps its place.
        cored as (
            select *,
                case when length(replace(placeless, ' ', '')) >= {_SHORTEST_STEM} then placeless else formless end
                    as left_over,
                length(replace(placeless, ' ', '')) >= {_SHORTEST_STEM} as is_placeless
            from placed
        ),
        cut as (
            select *,
                case when is_han then regexp_extract(left_over, $chinese_industry)
                else regexp_extract(' ' || regexp_replace(left_over, ' +', ' ', 'g'), $latin_industry) end
                    as industry_words
            from cored
        )
        select cut.name, cut.city,
            coalesce(nullif(replace(left_over, ' ', ''), ''), nullif(replace(spaced, ' ', ''), '')) as core,
            case when is_han then 'han' else 'other' end as script,
            case when length(replace(left_over, ' ', '')) - length(replace(industry_words, ' ', '')) >= {_SHORTEST_STEM}
                then left(replace(left_over, ' ', ''),
                          length(replace(left_over, ' ', '')) - length(replace(industry_words, ' ', '')))
                else coalesce(nullif(replace(left_over, ' ', ''), ''), nullif(replace(spaced, ' ', ''), '')) end
                as stem,
            case when length(replace(left_over, ' ', '')) - length(replace(industry_words, ' ', '')) >= {_SHORTEST_STEM}
                then nullif(trim(industry_words), '') end as industry_words,
            coalesce(bracket.key, case when is_placeless then coalesce(word.key,
                case when not is_han and city_folded is not null
                      and contains(' ' || formless || ' ', ' ' || city_folded || ' ') then city_key end) end)
                as name_place,
            nullif(regexp_replace(left_over, '[^0-9]', '', 'g'), '') as digits
        from cut
        left join place_key as bracket on cut.in_bracket = bracket.place and bracket.is_listed
        left join place_key as word on cut.place_word = word.place and word.is_listed""",
        {
            # Only brackets that hold a known place are taken out.
            "bracket": rf"[(（\[]\s*({every_place}|{places})(?:市|省)?\s*[)）\]]",
            "latin_form": latin_form,
            "chinese_form": chinese_form,
            "prefix_city": prefix[0],
            "prefix_province": prefix[1],
            "prefix_country": prefix[2],
            "latin_place": f" ({places}) ",
            "latin_places": f" (?:{_alternatives(_words('latin')).replace(' ', '  ')}) ",
            "chinese_industry": f"(?:{_alternatives(_industries('chinese'))})+$",
            "latin_industry": f"(?: (?:{_alternatives(_industries('latin'))}))+$",
        },
    )
    connection.execute(
        "create or replace temporary table name_stem as select distinct stem from name_part where stem is not null"
    )
    _map(connection, "name_stem", "stem", {"stem_latin": romanised, "other_readings": other_readings})
    _map(connection, "name_stem", "stem_latin", {"skeleton": skeleton})
    connection.execute(
        "create or replace temporary table name_industry as "
        "select distinct industry_words from name_part where industry_words is not null"
    )
    _map(connection, "name_industry", "industry_words", {"industry": industry_key})
    connection.execute(
        f"""create or replace temporary table name_part as
            select part.name, part.city, {", ".join(PARTS)}
            from name_part as part
            left join name_stem using (stem)
            left join name_industry using (industry_words)"""
    )


def industry_key(words: str) -> str:
    """Industries named in ``words`` by their English keys, in alphabetical order, separated by spaces."""
    return " ".join(sorted({_industry_words()[word] for word in _industry_pattern().findall(words)}))


def _place_keys(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Table ``place_key``: one row per spelling of a place, of the list or of a record's own city and region."""
    listed = [(spelling, key, spelling) for key, spellings in _places().items() for spelling in spellings]
    connection.execute("create or replace temporary table listed_place (place varchar, key varchar, folded varchar)")
    connection.executemany("insert into listed_place values (?, ?, ?)", listed)
    connection.execute(
        f"""create or replace temporary table own_place as
            select distinct place from (select city as place from {table} union all select region from {table})
            where place is not null"""
    )
    _map(connection, "own_place", "place", {"folded": folded})
    connection.execute(
        """create or replace temporary table place_key as
            select place, min(key) as key, min(folded) as folded, bool_or(is_listed) as is_listed
            from (
                select place, key, folded, true as is_listed from listed_place
                union all
                select own.place,
                    coalesce(known.key, without_ending.key,
                             regexp_replace(own.folded, '[^\\p{L}\\p{N}]', '', 'g')) as key,
                    trim(regexp_replace(own.folded, '[^\\p{L}\\p{N}]+', ' ', 'g')) as folded,
                    known.key is not null as is_listed
                from own_place as own
                left join (select place, min(key) as key from listed_place group by 1) as known
                    on own.folded = known.place
                left join (select place, min(key) as key from listed_place group by 1) as without_ending
                    on regexp_replace(own.folded, '(?:市|省|自治区|特别行政区)$', '') = without_ending.place
            )
            group by place"""
    )


def _map(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, answers: dict[str, Callable[[str], str]]
) -> None:
    """Add columns to a temporary table of distinct values: what each function says of ``column``."""
    import pyarrow as pa

    values = connection.execute(f"select distinct {column} from {table} where {column} is not null").to_arrow_table()
    texts = values.column(0).to_pylist()
    said = {"_value": texts} | {name: [answer(text) for text in texts] for name, answer in answers.items()}
    connection.register("said", pa.table(said, schema=pa.schema([(name, pa.string()) for name in said])))
    connection.execute(
        f"""create or replace temporary table {table} as
            select known.*, {", ".join(f"said.{name}" for name in answers)}
            from {table} as known left join said on known.{column} = said._value"""
    )
    connection.unregister("said")


def _alternatives(words: Iterable[str]) -> str:
    """Words as alternatives of a regular expression, the longest first."""
    return "|".join(re.escape(word).replace(r"\ ", " ") for word in sorted(set(words), key=lambda w: (-len(w), w)))


def _listed(file: str) -> list[dict[str, str]]:
    with (WORDS / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _forms(script: str) -> list[str]:
    return [row["form"] for row in _listed("legal_form") if row["script"] == script]


def _words(script: str, kind: str | None = None) -> list[str]:
    rows = [row for row in _listed("place") if kind in (None, row["kind"])]
    if script == "chinese":
        return [row["chinese"] for row in rows]
    return [word for row in rows for word in _places_of(row)[1:]]


@cache
def _places() -> dict[str, list[str]]:
    """Key of a place → its spellings.

    Of places that are written alike in Latin letters (苏州, 宿州) the first listed has the bare key, which sorts first:
    Suzhou alone means that one.
    """
    places: dict[str, list[str]] = {}
    for spellings in map(_places_of, _listed("place")):
        key = spellings[1].replace(" ", "")
        places[key + spellings[0] if key in places else key] = spellings
    return places


def _places_of(row: dict[str, str]) -> list[str]:
    return [row["chinese"], *(row["latin"].split("|") if row["latin"] else [romanised(row["chinese"])])]


def _industries(script: str) -> list[str]:
    return [word for row in _listed("industry") for word in row[script].split("|")]


@cache
def _industry_words() -> dict[str, str]:
    return {
        word: row["industry"]
        for row in _listed("industry")
        for script in ("chinese", "latin")
        for word in row[script].split("|")
    }


@cache
def _industry_pattern() -> re.Pattern[str]:
    latin, chinese = _alternatives(_industries("latin")), _alternatives(_industries("chinese"))
    return re.compile(rf"(?<![a-z])(?:{latin})(?![a-z])|{chinese}")


@cache
def _simplified() -> dict[int, str]:
    """Traditional character → its simplified one."""
    from opencc import OpenCC

    convert = OpenCC("t2s").convert
    pairs = ((code, convert(chr(code))) for code in range(0x4E00, 0xA000))
    return {code: simple for code, simple in pairs if simple != chr(code) and len(simple) == 1}
