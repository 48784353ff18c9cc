"""The next request of a redirect: RFC 9110 section 15.4, and what must not go along."""

from __future__ import annotations

import httpx

from platformpm.model.status import Reason
from platformpm.model.text import display_url, safe_text
from platformpm.net.faults import ExchangeError
from platformpm.net.request import Request, moved, origin_of, stripped

FOLLOWED = frozenset({301, 302, 303, 307, 308})


def next_request(request: Request, status: int, location: str) -> Request:
    """Give the request that a redirect asks for. Raises `ExchangeError` (`redirect`) for one that is not followed.

    303 turns everything but HEAD into GET, 301 and 302 turn POST into GET. A new origin gets nothing that was
    configured, and what was dropped never comes back on a later hop.
    """
    url = _resolve(request.url, location)
    method = request.method
    if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
        method = "GET"
    try:
        same = origin_of(url) == origin_of(request.url)
        return (moved if same else stripped)(request, url, method)
    except ExchangeError:
        raise ExchangeError(Reason.REDIRECT, f"redirect to an unusable address {display_url(location, 80)}") from None


def _resolve(base: httpx.URL, location: str) -> httpx.URL:
    try:
        url = base.join(location.strip()).copy_with(userinfo=b"", fragment=None)
        named = url.raw_host
    except (httpx.InvalidURL, ValueError, TypeError):
        raise ExchangeError(Reason.REDIRECT, f"redirect to an unusable address {safe_text(location, 80)}") from None
    if url.scheme not in ("http", "https"):
        raise ExchangeError(Reason.REDIRECT, f"redirect to {safe_text(url.scheme, 20)}: refused")
    if not named:
        raise ExchangeError(Reason.REDIRECT, f"redirect to an unusable address {display_url(location, 80)}")
    return url
