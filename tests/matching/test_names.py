"""One name in many spellings, taken apart."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.matching.names import folded, industry_key, other_readings, romanised, skeleton, take_apart

# name | city | core | stem in Latin letters | industry | place in the name
TABLE = """
上海信达电子有限公司             | 上海     | 信达电子          | xinda      | electronics      | shanghai
上海市信达电子有限责任公司       | 上海市   | 信达电子          | xinda      | electronics      | shanghai
信达（上海）电子股份有限公司     | 上海     | 信达电子          | xinda      | electronics      | shanghai
信达(上海)电子股份公司           | 上海     | 信达电子          | xinda      | electronics      | shanghai
上海信達電子有限公司             | 上海     | 信达电子          | xinda      | electronics      | shanghai
江苏省苏州市信达智能科技有限公司 | 苏州     | 信达智能科技      | xinda      | smart technology | suzhou
Shanghai Xinda Co., Ltd.         | 上海     | xinda             | xinda      |                  | shanghai
ＸＩＮＤＡ　Electronics　Co.,Ltd | Shanghai | xindaelectronics  | xinda      | electronics      |
Nordfield Lighting B.V.          | Utrecht  | nordfieldlighting | nordfield  | lighting         |
NORDFIELD  LIGHTING BV           | Utrecht  | nordfieldlighting | nordfield  | lighting         |
Müller Elektrotechnik GmbH & Co. KG | München | muellerelektrotechnik | mueller | electrical     |
Mueller Elektrotechnik G.m.b.H.  | Munich   | muellerelektrotechnik | mueller | electrical      |
Valcrest Éclairage S.A.R.L.      | Lyon     | valcresteclairage | valcrest   | lighting         |
Oakford Penang Sdn. Bhd.         | Penang   | oakford           | oakford    |                  | penang
Oakford 12 Controls Ltd          | Leeds    | oakford12controls | oakford12  | controls         |
Hamburg GmbH                     | Hamburg  | hamburg           | hamburg    |                  |
"""


def test_one_name_in_many_spellings() -> None:
    expected = [[cell.strip() or None for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    with duckdb.connect() as connection:
        connection.execute("create table record (number integer, name varchar, city varchar, region varchar)")
        connection.executemany(
            "insert into record values (?, ?, ?, null)",
            [(n, name, city) for n, (name, city, *_) in enumerate(expected)],
        )
        take_apart(connection, "record")
        found = connection.execute(
            """select record.name, record.city, core, stem_latin, industry, name_place
               from record inner join name_part on record.name = name_part.name and record.city = name_part.city
               order by number"""
        ).fetchall()
    assert [list(row) for row in found] == expected


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("漢東實業", "汉东实业"),
        ("Straße", "strasse"),
        ("Škoda", "skoda"),
        ("ﾃｽﾄ", "テスト"),
    ],
)
def test_width_case_and_characters_make_no_other_name(written: str, same: str) -> None:
    assert folded(written) == same


def test_chinese_names_in_latin_letters() -> None:
    assert romanised("重庆长安") == "chongqingchangan"
    assert romanised("吕氏") == "lushi"
    assert "shengze" in {romanised("晟泽"), *other_readings("晟泽").split()}
    assert other_readings("xinda") == ""


def test_typing_errors_leave_the_skeleton() -> None:
    assert skeleton("nordfield") == skeleton("noordfield") == skeleton("nordffield") == "nrdfld"
    assert skeleton("nordfield") != skeleton("northfield")


def test_industries_have_one_key_in_both_languages() -> None:
    assert industry_key("电子") == industry_key("electronics") == "electronics"
    assert industry_key("照明 电气") == industry_key("electrical lighting") == "electrical lighting"


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_whatever_is_written_has_a_row(names: list[str]) -> None:
    """Emoji, control characters, other scripts: one row per name and city, nothing raised."""
    names = [name.encode("utf-8", "ignore").decode("utf-8").replace("\x00", "") for name in names]
    with duckdb.connect() as connection:
        connection.execute("create table record (name varchar, city varchar, region varchar)")
        for name in names:
            connection.execute("insert into record values (?, ?, null)", [name, name[:3]])
        take_apart(connection, "record")
        rows = connection.execute("select name, city from name_part order by 1, 2").fetchall()
    assert rows == sorted({(name, name[:3]) for name in names})
