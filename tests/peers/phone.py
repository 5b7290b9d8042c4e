"""An authenticator app: reads QR codes off the screen and shows codes (RFC 6238)."""

import base64
import hmac
import struct
import time
from urllib.parse import parse_qs, urlsplit

import zxingcpp


def scan(picture):
    """The secret in the one QR code of a picture."""
    (found,) = zxingcpp.read_barcodes(picture)
    uri = urlsplit(found.text)
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp"), found.text
    return parse_qs(uri.query)["secret"][0]


def code(secret, at=None):
    step = int((time.time() if at is None else at) // 30)
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">q", step), "sha1")
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
