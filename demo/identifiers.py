"""Tax identifiers and account numbers with right check digits, many at a time where there are many."""

from __future__ import annotations

import numpy as np

_USCC = np.array(list("0123456789ABCDEFGHJKLMNPQRTUWXY"))
_USCC_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])


def random_generator(seed: int, stream: int) -> np.random.Generator:
    """Independent numbers per part of the group: a change in one part leaves the others as they are."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream])))


def uscc(rng: np.random.Generator, regions: np.ndarray) -> np.ndarray:
    """统一社会信用代码 (GB 32100) for six-digit administrative regions."""
    count = len(regions)
    codes = np.zeros((count, 17), dtype=np.int64)
    codes[:, 0], codes[:, 1] = 9, 1
    codes[:, 2:8] = np.array([[int(c) for c in region] for region in regions])
    codes[:, 8:] = rng.integers(0, 10, (count, 9))
    codes[:, 8] = 10 + rng.integers(0, 2, count)  # MA…, as registered since 2015, without the letter O or I
    check = (31 - (codes * _USCC_WEIGHTS).sum(axis=1) % 31) % 31
    letters = _USCC[np.column_stack([codes, check])]
    return np.array(["".join(row) for row in letters])


def tax_identifier(rng: np.random.Generator, country: str) -> str:
    """A number that obeys the country's rule; empty where businesses there have none worth checking."""
    from stdnum import luhn
    from stdnum.iso7064 import mod_11_10

    def digits(n: int) -> str:
        return str(rng.integers(1, 10)) + "".join(map(str, rng.integers(0, 10, n - 1)))

    if country == "CN":
        return str(uscc(rng, np.array(["310115"]))[0])
    if country == "DE":
        base = digits(8)
        return f"DE{base}{mod_11_10.calc_check_digit(base)}"
    if country == "GB":
        base = digits(7)
        total = sum(int(d) * w for d, w in zip(base, range(8, 1, -1), strict=True))
        return f"GB{base}{(97 - total % 97):02d}"
    if country == "FR":
        siren = digits(8)
        siren += luhn.calc_check_digit(siren)
        return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"
    if country == "NL":
        while True:
            base = digits(8)
            check = sum(int(d) * w for d, w in zip(base, range(9, 1, -1), strict=True)) % 11
            if check < 10:
                return f"NL{base}{check}B01"
    if country == "AT":
        from stdnum.at import uid

        base = digits(7)
        return f"ATU{base}{uid.calc_check_digit('U' + base)}"
    if country == "SG":
        base = f"{rng.integers(1995, 2020)}{rng.integers(0, 100000):05d}"
        from stdnum.sg import uen

        return base + uen.calc_local_company_check_digit(base)
    if country == "US":
        return f"{rng.integers(20, 69)}-{rng.integers(1000000, 9999999)}"
    return digits(12)


def account_number(rng: np.random.Generator, country: str) -> str:
    """An IBAN where the country has them, else a domestic number."""
    from stdnum import iban

    def digits(n: int) -> str:
        return "".join(map(str, rng.integers(0, 10, n)))

    lengths = {"DE": 18, "AT": 16}
    banks = {"GB": ("BARC", "HBUK", "LOYD", "NWBK"), "NL": ("ABNA", "INGB", "RABO")}
    if country in lengths:
        bban = digits(lengths[country])
    elif country in banks:
        bban = str(rng.choice(banks[country])) + digits(14 if country == "GB" else 10)
    elif country == "FR":
        bban = digits(23)
    elif country == "CN":
        return "62" + digits(17)
    else:
        return digits(10 if country in ("US", "SG") else 12)
    return f"{country}{iban.calc_check_digits(f'{country}00{bban}')}{bban}"


def broken(identifier: str) -> str:
    """The same identifier as a typing error leaves it: one digit is another."""
    place = next(i for i in range(5, len(identifier)) if identifier[i].isdigit())
    return identifier[:place] + str((int(identifier[place]) + 3) % 10) + identifier[place + 1 :]
