"""Python and the page read, write and refuse Documents identically."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnvisu.wire.document import Document, DocumentError
from nnvisu.wire.document_codec import decode_document, encode_document
from tests.support.damaged_documents import Damager
from tests.support.document_page import Page, page
from tests.support.documents import Writer

SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def in_page() -> Iterator[Page]:
    with page() as process:
        yield process


def test_a_valid_document_survives_both_languages_bit_for_bit(in_page: Page) -> None:
    @settings(deadline=None)
    @given(seed=SEEDS)
    def round_trip(seed: int) -> None:
        document = Writer(seed).document()
        from_python = encode_document(document)
        assert decode_document(from_python) == document
        from_page = in_page.rewrite(from_python)["text"]
        assert decode_document(from_page) == document
        assert in_page.same(from_page, encode_document(decode_document(from_page)))

    round_trip()


def test_a_damaged_document_is_accepted_or_refused_equally_in_both_languages(in_page: Page) -> None:
    verdicts: Counter[bool] = Counter()

    @settings(deadline=None)
    @given(seed=SEEDS)
    def judge(seed: int) -> None:
        text = Damager(seed).text()
        here, there = verdict(text), in_page.rewrite(text)
        verdicts["text" in there] += 1
        if isinstance(here, Document):
            assert "text" in there, f"accepted by Python, refused by the page: {there['refused']}"
            assert decode_document(there["text"]) == here
        else:
            assert "refused" in there, f"accepted by the page, refused by Python: {here}"
            for sentence in (here, there["refused"]):
                assert ": " in sentence
                assert len(sentence) < 1000

    judge()
    assert min(verdicts[True], verdicts[False]) > 0.05 * verdicts.total()


def verdict(text: str) -> Document | str:
    """Return the refusal of a document, or its decoded form."""
    try:
        return decode_document(text)
    except DocumentError as refusal:
        return str(refusal)
