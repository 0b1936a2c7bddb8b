"""S3 and what speaks its language: opening a bucket, and what its errors mean."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from obstore.store import S3Store

_METADATA_SERVER = "169.254.169.254"
_CODE = re.compile(r"<Code>(\w+)</Code>")
_MEANING = {
    "NoSuchBucket": "there is no such bucket",
    "InvalidAccessKeyId": "AWS_ACCESS_KEY_ID is not known there",
    "SignatureDoesNotMatch": "AWS_SECRET_ACCESS_KEY is not the one of AWS_ACCESS_KEY_ID",
    "AccessDenied": "the credentials do not allow it; they need to list, get, put and delete",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
}
_RETRIES, _RETRIED_FOR = 4, timedelta(seconds=20)


def open_bucket(url: str) -> S3Store:
    """url: "s3://bucket/prefix"; reads the usual AWS_* variables. Nothing is sent yet.

    Raises:
        obstore.exceptions.BaseError, ValueError: there can be no such bucket.
    """
    from obstore.store import S3Store

    # Servers of one's own are often reached without TLS, and by path.
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    return S3Store.from_url(
        url,
        client_options={"allow_http": endpoint.startswith("http://"), "connect_timeout": "5s"},
        retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRIED_FOR},
        virtual_hosted_style_request=not endpoint,
    )


def reason_of(error: BaseException) -> str:
    """What went wrong, in a line; the credentials are not in it."""
    said = str(error).strip().partition("\n\nDebug source")[0]
    code = _CODE.search(said)
    if code is not None:
        return _MEANING.get(code[1], code[1])
    if _METADATA_SERVER in said:
        return "there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if "403 Forbidden" in said:
        return _MEANING["AccessDenied"]
    if "error sending request" in said:
        server = os.environ.get("AWS_ENDPOINT_URL", "the server")
        return f"{server} cannot be reached"
    return said.partition("\n")[0]
