"""Names of parties, people, places and products; and the same name written another way."""

from __future__ import annotations

import re

import numpy as np

_PLACES = {
    "CN": [
        ("上海", "上海", "310115"), ("北京", "北京", "110108"), ("深圳", "广东", "440300"), ("广州", "广东", "440106"),
        ("东莞", "广东", "441900"), ("苏州", "江苏", "320505"), ("南京", "江苏", "320102"), ("无锡", "江苏", "320211"),
        ("杭州", "浙江", "330106"), ("宁波", "浙江", "330203"), ("青岛", "山东", "370202"), ("济南", "山东", "370102"),
        ("武汉", "湖北", "420106"), ("成都", "四川", "510104"), ("重庆", "重庆", "500103"), ("西安", "陕西", "610113"),
        ("天津", "天津", "120116"), ("厦门", "福建", "350203"), ("长沙", "湖南", "430104"), ("合肥", "安徽", "340104"),
    ],
    "DE": [
        ("Hamburg", "Hamburg", ""),
        ("München", "Bayern", ""),
        ("Köln", "Nordrhein-Westfalen", ""),
        ("Stuttgart", "Baden-Württemberg", ""),
        ("Leipzig", "Sachsen", "")
    ],
    "AT": [
        ("Wien", "Wien", ""),
        ("Linz", "Oberösterreich", "")
    ],
    "NL": [
        ("Rotterdam", "Zuid-Holland", ""),
        ("Utrecht", "Utrecht", "")
    ],
    "FR": [
        ("Lyon", "Auvergne-Rhône-Alpes", ""),
        ("Nantes", "Pays de la Loire", "")
    ],
    "US": [
        ("Chicago", "Illinois", ""),
        ("Houston", "Texas", ""),
        ("Seattle", "Washington", ""),
        ("Atlanta", "Georgia", ""),
        ("Boston", "Massachusetts", ""),
        ("San Diego", "California", "")
    ],
    "SG": [
        ("Singapore", "Central", ""),
        ("Jurong", "West", ""),
        ("Tampines", "East", "")
    ],
    "MY": [
        ("Penang", "Penang", ""),
        ("Johor Bahru", "Johor", "")
    ],
    "VN": [
        ("Hanoi", "Hanoi", ""),
        ("Da Nang", "Da Nang", "")
    ],
    "GB": [
        ("Bristol", "South West", ""),
        ("Leeds", "Yorkshire", ""),
        ("London", "Greater London", ""),
        ("Glasgow", "Scotland", "")
    ],
}  # fmt: skip
_FIRST = "信恒华瑞德盛金宏泰鑫润安达嘉诚远博联科新海天明光东凯晟启"
_SECOND = "达通源丰泽隆诺杰尔格创利尚景威宇航森佳晖拓捷辉昊"
_INDUSTRY = [
    "电子",
    "照明",
    "光电",
    "机电",
    "科技",
    "工程",
    "贸易",
    "智能科技",
    "电气",
    "自动化",
    "建设",
    "物流",
    "新能源",
    "装饰",
]
_SUPPLY = ["塑胶", "五金", "模具", "半导体", "包装", "线缆", "电子材料", "物流", "检测技术", "咨询", "物业", "信息技术"]
_CN_FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "有限责任公司")
_LATIN_FIRST = [
    "Nord",
    "West",
    "Alt",
    "Blue",
    "Bright",
    "Clear",
    "East",
    "Fair",
    "Grand",
    "High",
    "Iron",
    "Keen",
    "Light",
    "Mill",
    "North",
    "Oak",
    "Port",
    "Quick",
    "River",
    "Silver",
    "Stone",
    "Summit",
    "True",
    "Union",
    "Vale",
    "Wind",
    "Young",
    "Amber",
    "Beacon",
    "Cedar",
    "Delta",
    "Elm",
    "Falcon",
    "Glen",
    "Haven",
    "Juniper",
    "Kestrel",
]
_LATIN_SECOND = [
    "field",
    "gate",
    "haven",
    "bridge",
    "point",
    "brook",
    "crest",
    "land",
    "mark",
    "ford",
    "wood",
    "berg",
    "stein",
    "tal",
    "werk",
    "line",
]
_LATIN_INDUSTRY = {
    "DE": ["Elektrotechnik", "Lichttechnik", "Anlagenbau", "Handels", "Gebäudetechnik", "Industrie"],
    "FR": ["Éclairage", "Électrique", "Industrie", "Bâtiment"],
    "NL": ["Verlichting", "Techniek", "Groothandel", "Installatie"],
}
_LATIN_INDUSTRY["AT"] = _LATIN_INDUSTRY["DE"]
_ENGLISH_INDUSTRY = [
    "Lighting",
    "Electrical",
    "Controls",
    "Marine",
    "Engineering",
    "Supplies",
    "Facilities",
    "Automation",
]
_FORMS = {
    "DE": ("GmbH", "GmbH & Co. KG", "AG"), "AT": ("GmbH", "AG"), "NL": ("B.V.", "N.V."), "FR": ("SAS", "SARL"),
    "US": ("Inc.", "LLC", "Corp."), "SG": ("Pte. Ltd.",), "MY": ("Sdn. Bhd.",), "VN": ("Co., Ltd.",),
    "GB": ("Ltd", "Limited", "PLC"),
}  # fmt: skip
_OTHER_FORM = {
    "有限责任公司": "有限公司",
    "股份有限公司": "股份公司",
    "有限公司": "有限责任公司",
    "GmbH & Co. KG": "GmbH & Co KG",
    "GmbH": "G.m.b.H.",
    "B.V.": "BV",
    "N.V.": "NV",
    "SAS": "S.A.S.",
    "SARL": "S.A.R.L.",
    "Inc.": "Incorporated",
    "LLC": "L.L.C.",
    "Corp.": "Corporation",
    "Pte. Ltd.": "Pte Ltd",
    "Sdn. Bhd.": "Sdn Bhd",
    "Co., Ltd.": "Company Limited",
    "Limited": "Ltd.",
    "Ltd": "Limited",
    "PLC": "plc",
    "AG": "Aktiengesellschaft",
}  # fmt: skip
_PINYIN = dict(
    zip(
        _FIRST + _SECOND,
        [
            "xin",
            "heng",
            "hua",
            "rui",
            "de",
            "sheng",
            "jin",
            "hong",
            "tai",
            "xin",
            "run",
            "an",
            "da",
            "jia",
            "cheng",
            "yuan",
            "bo",
            "lian",
            "ke",
            "xin",
            "hai",
            "tian",
            "ming",
            "guang",
            "dong",
            "kai",
            "sheng",
            "qi",
            "da",
            "tong",
            "yuan",
            "feng",
            "ze",
            "long",
            "nuo",
            "jie",
            "er",
            "ge",
            "chuang",
            "li",
            "shang",
            "jing",
            "wei",
            "yu",
            "hang",
            "sen",
            "jia",
            "hui",
            "tuo",
            "jie",
            "hui",
            "hao",
        ],
        strict=True,
    )
)
_CITY_PINYIN = dict(
    zip(
        [city for city, *_ in _PLACES["CN"]],
        [
            "Shanghai",
            "Beijing",
            "Shenzhen",
            "Guangzhou",
            "Dongguan",
            "Suzhou",
            "Nanjing",
            "Wuxi",
            "Hangzhou",
            "Ningbo",
            "Qingdao",
            "Jinan",
            "Wuhan",
            "Chengdu",
            "Chongqing",
            "Xian",
            "Tianjin",
            "Xiamen",
            "Changsha",
            "Hefei",
        ],
        strict=True,
    )
)
_CN_FAMILY, _CN_GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭", "伟芳娜敏静磊强洋艳勇军杰娟涛明超霞平刚桂"
_FAMILY = [
    "Smith",
    "Meyer",
    "Becker",
    "Jones",
    "Carter",
    "Novak",
    "Hughes",
    "Fischer",
    "Wagner",
    "Lee",
    "Tan",
    "Lim",
    "Brown",
    "Walker",
    "Evans",
    "Green",
]
_GIVEN = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Grace",
    "Henry",
    "Ida",
    "Jack",
    "Kate",
    "Leo",
    "Mia",
    "Noah",
    "Olivia",
    "Paul",
    "Ruth",
    "Sam",
]


def place(rng: np.random.Generator, country: str) -> tuple[str, str, str]:
    """City, region and administrative code (China)."""
    choices = _PLACES[country]
    return choices[int(rng.integers(len(choices)))]


def person(rng: np.random.Generator, country: str) -> str:
    if country == "CN":
        given = "".join(rng.choice(list(_CN_GIVEN), int(rng.integers(1, 3))))
        return str(rng.choice(list(_CN_FAMILY))) + given
    return f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"


def companies(rng: np.random.Generator, countries: list[str], cities: list[str], kind: str) -> list[str]:
    """Names that differ in their core, so that two parties are never one by accident."""
    chinese = [a + b for a in _FIRST for b in _SECOND]
    latin = [a + b for a in _LATIN_FIRST for b in _LATIN_SECOND]
    orders = {"CN": rng.permutation(len(chinese)), "": rng.permutation(len(latin))}
    used = {"CN": 0, "": 0}
    result = []
    for country, city in zip(countries, cities, strict=True):
        pool = "CN" if country == "CN" else ""
        cores, order = (chinese, orders["CN"]) if pool else (latin, orders[""])
        core = cores[order[used[pool] % len(cores)]]
        again = used[pool] // len(cores)
        used[pool] += 1
        if pool:
            # A third character where two are used up: 信达 and 信达明 are different names.
            core += "".join(_SECOND[(again // len(_SECOND) ** k) % len(_SECOND)] for k in range(1 if again else 0))
            industry = rng.choice(_INDUSTRY if kind == "customer" else _SUPPLY)
            form = rng.choice(_CN_FORMS)
            result.append(
                f"{core}（{city}）{industry}{form}" if rng.random() < 0.15 else f"{city}{core}{industry}{form}"
            )
        else:
            core += f" {again + 1}" if again else ""
            industry = rng.choice(_LATIN_INDUSTRY.get(country, _ENGLISH_INDUSTRY))
            result.append(f"{core} {industry} {rng.choice(_FORMS[country])}")
    return result


def latin(name: str) -> str:
    """A Chinese company's name in pinyin and English."""
    city = next((c for c in _CITY_PINYIN if c in name), "")
    core = "".join(_PINYIN.get(c, "") for c in name.replace(city, "", 1)[:2])
    return f"{_CITY_PINYIN.get(city, '')} {core.capitalize()} Co., Ltd.".strip()


def sister(
    rng: np.random.Generator, elder: str, younger: str, elder_city: str, younger_city: str, country: str, kind: str
) -> str | None:
    """Name of another company of the elder one's group: its stem, with another place in it or another industry.

    None where no such name differs from the elder one's.
    """
    if country == "CN":
        core = elder.replace(f"（{elder_city}）", "", 1).replace(elder_city, "", 1)
        form = next(f for f in sorted(_CN_FORMS, key=len, reverse=True) if elder.endswith(f))
        core = core.removesuffix(form)
        if younger_city != elder_city:
            return f"{younger_city}{core}{form}"
        industries = _INDUSTRY if kind == "customer" else _SUPPLY
        industry = next((i for i in sorted(industries, key=len, reverse=True) if core.endswith(i)), "")
        others = [i for i in industries if i not in industry and industry not in i]
        return f"{younger_city}{core.removesuffix(industry)}{rng.choice(others)}{form}"
    # The stem may hold a number: 2 of the same stem are told apart by it.
    stem, industry = re.fullmatch(r"(\S+(?: \d+)?) (\S+) .*", elder).groups()  # type: ignore[union-attr]
    form = next(f for f in sorted(_OTHER_FORM, key=len, reverse=True) if younger.endswith(f))
    if younger_city != elder_city:
        return f"{stem} {younger_city} {industry} {form}"
    others = [i for i in _LATIN_INDUSTRY.get(country, _ENGLISH_INDUSTRY) if i != industry]
    return f"{stem} {rng.choice(others)} {form}"


def variant(rng: np.random.Generator, name: str, country: str, *, across: bool) -> str:
    """The same name as another clerk writes it."""
    if country == "CN" and across:
        return latin(name)
    form = next((f for f in sorted(_OTHER_FORM, key=len, reverse=True) if name.endswith(f)), "")
    core = name[: len(name) - len(form)]
    style = int(rng.integers(4))
    if style == 0:
        return core + _OTHER_FORM.get(form, form)
    if country == "CN":
        if style == 1:
            return (core + form).replace("（", "(").replace("）", ")") if "（" in core else f"{core} {form}"
        return core + _OTHER_FORM[form] if style == 2 else f"{core[:-1]}{form}"
    if style == 1:
        return (core + _OTHER_FORM.get(form, form)).upper()
    if style == 2:
        return (
            re.sub(r"(.)\1", r"\1", core, count=1) + form
            if re.search(r"(.)\1", core)
            else core[1:2].join((core[0], core[1:])) + form
        )
    return core.replace("ü", "ue").replace("ä", "ae").replace("É", "E").replace(" ", "  ", 1) + form


def emails(of: list[str], countries: list[str], mailbox: str) -> list[str]:
    """Addresses under .example, so that no mail can ever reach anyone."""
    top = {"CN": "cn", "DE": "de", "GB": "uk"}
    result = []
    for number, (name, country) in enumerate(zip(of, countries, strict=True)):
        word = (
            latin(name).split(" ")[-3].lower() if country == "CN" else re.sub(r"[^a-z]", "", name.split(" ")[0].lower())
        )
        result.append(f"{mailbox}@{word or 'office'}{number}.{top.get(country, 'com')}.example")
    return result


def product_series(rng: np.random.Generator, count: int, erp: str) -> list[str]:
    letters = "ABCDEFGHKLMNPRST"
    first = rng.integers(0, len(letters), (count, 2))
    power = rng.choice((3, 5, 8, 12, 18, 24, 36, 50, 75, 100, 150, 200), count)
    suffix = "型" if erp == "cn" else ""
    return [f"{letters[a]}{letters[b]}{power[i]}-{i + 1:03d}{suffix}" for i, (a, b) in enumerate(first)]
