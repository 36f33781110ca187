from __future__ import annotations

import gzip

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from hospes.lib.middleware import CompressedPagesMiddleware

PAGE = b"<p>longest wait first</p>" * 200


def asked(response: HttpResponse, accepts: str = "gzip, br") -> HttpResponse:
    def page(_request: HttpRequest) -> HttpResponse:
        return response

    request = RequestFactory().get("/", headers={"Accept-Encoding": accepts})
    return CompressedPagesMiddleware(page)(request)


def test_a_page_goes_compressed_to_who_can_read_that() -> None:
    answer = asked(HttpResponse(PAGE))

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.content) < len(PAGE) / 5
    assert gzip.decompress(answer.content) == PAGE


def test_a_page_goes_as_it_is_to_who_cannot() -> None:
    answer = asked(HttpResponse(PAGE), accepts="identity")

    assert answer.content == PAGE
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_files_and_streams_and_short_answers_are_left_alone() -> None:
    file = asked(HttpResponse(PAGE, content_type="application/octet-stream"))
    stream = asked(StreamingHttpResponse([PAGE]))  # type: ignore[arg-type]
    short = asked(HttpResponse(b"<p>ok</p>"))

    assert not any("Content-Encoding" in one.headers for one in (file, stream, short))


def test_the_size_of_a_page_does_not_tell_what_it_holds() -> None:
    assert len({len(asked(HttpResponse(PAGE)).content) for _ in range(50)}) > 5
