"""Answers as gzip: readable, of no telling size, and left alone where they must be."""

import gzip

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from postie_web.lib.compression import Compress, Packed, PackedResponse, accepts_gzip

PAGE = "<p>años</p>".encode() * 500


def through(response: HttpResponseBase, accepts: str = "gzip, br") -> HttpResponse:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = accepts
    answer = Compress(lambda _request: response)(request)
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_page_is_packed_and_can_be_read() -> None:
    answer = through(HttpResponse(PAGE, headers={"ETag": '"a"'}))
    assert gzip.decompress(answer.content) == PAGE
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["ETag"] == 'W/"a"'


@pytest.mark.parametrize("accepts", ["gzip, br", ""])
def test_what_was_packed_before_reaches_everybody(accepts: str) -> None:
    answer = through(PackedResponse(Packed.of(PAGE), {"ETag": 'W/"a"'}), accepts)
    assert (gzip.decompress(answer.content) if accepts else answer.content) == PAGE
    assert answer.headers["Content-Length"] == str(len(answer.content))


def test_the_size_tells_nothing_exact() -> None:
    assert len({len(through(HttpResponse(PAGE)).content) for _ in range(40)}) > 10


def test_files_streams_and_small_answers_are_left_alone() -> None:
    assert "Content-Encoding" not in through(HttpResponse(b"short")).headers
    assert "Content-Encoding" not in through(HttpResponse(PAGE, content_type="image/png")).headers
    assert through(HttpResponse(PAGE, headers={"Content-Encoding": "br"})).content == PAGE
    stream = StreamingHttpResponse([PAGE])
    assert Compress(lambda _request: stream)(HttpRequest()) is stream


@pytest.mark.parametrize(
    ("header", "means"),
    [
        ("gzip", True),
        ("br;q=1, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.00", False),
        ("br", False),
        ("", False),
    ],
)
def test_a_visitor_says_whether_it_reads_gzip(header: str, means: bool) -> None:
    assert accepts_gzip(header) is means
