"""What must never be read by anyone: passwords that this process knows, blotted out of whatever it says.

The places that say something (log, errors of commands, Dagster's failures, alerts) call ``blotted``; the place that
learns secrets (config) calls ``remember``.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

MASK = "***"
_known: set[str] = set()


def remember(*secrets: str | None) -> None:
    """From now on these are blotted out, also as a URL would write them."""
    for secret in secrets:
        if secret:
            _known.update({secret, unquote(secret), quote(secret), quote(secret, safe=""), quote_plus(secret)})


def remember_url(url: str | None) -> None:
    """Remember the password of a URL, and its parameters that are called one."""
    if not url:
        return
    try:
        at = urlsplit(url)
    except ValueError:  # not a URL: whoever opens it says so
        return
    remember(at.password)
    remember(*(value for name, value in parse_qsl(at.query) if "pass" in name.lower() or "token" in name.lower()))


def blotted(text: str) -> str:
    """The text with every known secret replaced; longer ones first, since one may hold another."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
