from __future__ import annotations

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.secret import MASK, Masker
from platformpm.model.spellings import spellings


@pytest.mark.parametrize(
    "echo",
    [
        "Val\"ue/<a&b>+'é",
        '{"echo": "Val\\"ue/<a&b>+\'é"}',
        r"""Val\"ue\/<a&b>+'\u00e9""",
        r"Val\"ue/\u003ca\u0026b\u003e+'é",
        r"Val\u0022ue/\u003Ca\u0026b\u003E\u002B\u0027\u00e9",
        "<p>Val&quot;ue/&lt;a&amp;b&gt;+&#x27;é</p>",
        "Val&#34;ue/&lt;a&amp;b&gt;+&#39;é",
        "Val\"ue/&lt;a&amp;b&gt;+'é",
        "Val%22ue%2F%3Ca%26b%3E%2B%27%C3%A9",
        "Val%22ue/%3ca%26b%3e%2b%27%c3%a9",
    ],
)
def test_a_secret_is_masked_however_an_answer_escapes_it(echo: str) -> None:
    masked = Masker(spellings("Val\"ue/<a&b>+'é"))(echo)
    assert MASK in masked
    assert "Val" not in masked


@given(st.text(st.characters(codec=None), max_size=20))
def test_each_spelling_reads_as_the_text(text: str) -> None:
    told = spellings(text)
    assert text in told
    assert json.dumps(text)[1:-1] in told
    assert html.escape(text) in told
    assert len(told) <= 2 * (
        1 + 6 + 7 + 20
    )  # plain, URLs, JSON, HTML (4 by 5 ways to write two quotes); each cleaned too
