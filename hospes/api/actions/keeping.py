"""Keep an answer given once, for programs that ask again with the same key; forget what has had its time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpResponse

from hospes.api.models import Bucket, IdempotencyKey, Token

KEPT_FOR = timedelta(hours=48)
BATCH = 5_000
ALL_ARE_FULL_AFTER = timedelta(hours=1)


def keep_answer(
    token: Token, *, key: str, request_sha256: str, answer: HttpResponse, at: datetime
) -> None:
    """Write the answer down. Belongs into the transaction of what it tells of."""
    IdempotencyKey.objects.create(
        token=token,
        key=key,
        request_sha256=request_sha256,
        status=answer.status_code,
        body=answer.content,
        content_type=answer["Content-Type"],
        created_at=at,
    )


def forget_answers(*, at: datetime) -> int:
    """Delete answers that are older than two days, so many at once; return how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=at - KEPT_FOR).order_by("created_at")
    deleted, _kinds = IdempotencyKey.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:BATCH])
    ).delete()
    return deleted


def forget_full_buckets(*, at: datetime) -> int:
    """Delete the buckets that are full again, with the addresses they name; return how many."""
    return Bucket.objects.filter(as_of__lt=at - ALL_ARE_FULL_AFTER).delete()[0]
