"""The format of a sealed value as docs/sealed-format.md tells it, by Python's `cryptography` alone.

    python3 sealed.py vectors > sealed.json
    python3 sealed.py open KEY_HEX VERSION TENANT TABLE COLUMN ROW PURPOSE REVISION|- < sealed
"""

import hashlib
import hmac
import json
import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

MARK = b"PSVT\x01"


def xaes(key, nonce):
    derived = b""
    for counter in (1, 2):
        prf = CMAC(AES(key))
        prf.update(bytes([0, counter]) + b"X\x00" + nonce[:12])
        derived += prf.finalize()
    return AESGCM(derived), nonce[12:]


def encoded(context):
    *texts, revision = context
    parts = [text.encode() for text in texts]
    if revision is not None:
        parts.append(struct.pack(">Q", revision))
    return b"".join(
        bytes([number]) + struct.pack(">Q", len(part)) + part for number, part in enumerate(parts, 1)
    )


def block(dek, nonce, context):
    info = b"palisade-vault payload" + MARK + nonce + context + b"\x01"
    digest = hmac.new(dek, info, hashlib.sha512).digest()
    return digest[:32], digest[32:]


def wrap_aad(version, context):
    return b"palisade-vault wrap" + MARK + struct.pack(">I", version) + context


def seal(kek, version, context, value, dek, wrap_nonce, nonce):
    context = encoded(context)
    gcm, short = xaes(kek, wrap_nonce)
    wrapped = wrap_nonce + gcm.encrypt(short, dek, wrap_aad(version, context))
    key, commitment = block(dek, nonce, context)
    text = AESGCM(key).encrypt(nonce, value, MARK + commitment + context)
    head = MARK + struct.pack(">IH", version, len(wrapped))
    return head + wrapped + nonce + commitment + text


def open_(kek, version, context, sealed):
    context = encoded(context)
    assert sealed[:5] == MARK
    said, length = struct.unpack(">IH", sealed[5:11])
    assert said == version
    wrapped, rest = sealed[11 : 11 + length], sealed[11 + length :]
    gcm, short = xaes(kek, wrapped[:24])
    dek = gcm.decrypt(short, wrapped[24:], wrap_aad(version, context))
    nonce, committed, text = rest[:12], rest[12:44], rest[44:]
    key, commitment = block(dek, nonce, context)
    assert hmac.compare_digest(committed, commitment)
    return AESGCM(key).decrypt(nonce, text, MARK + commitment + context)


def drawn(label, length):
    """Bytes that look random and are the same in every run."""
    return hashlib.shake_128(label.encode()).digest(length)


def vectors():
    cases = [
        ("a text", 1, ("acme", "customers", "iban", "42", "payout", None), b"DE02120300000000202051"),
        ("nothing", 1, ("acme", "customers", "iban", "42", "payout", None), b""),
        ("a revision", 2, ("acme", "customers", "iban", "42", "payout", 7), b"\x00\x01\x02\xff"),
        ("no tenant", 4294967295, ("", "töne", "é", "Zoë", "", 0), "Grüße".encode()),
        ("a kilobyte", 3, ("acme", "files", "content", "a/b", "export", 2**64 - 1), bytes(range(256)) * 4),
    ]
    made = []
    for name, version, context, value in cases:
        kek, dek = drawn("kek " + name, 32), drawn("dek " + name, 32)
        sealed = seal(kek, version, context, value, dek, drawn("wrap " + name, 24), drawn("nonce " + name, 12))
        assert open_(kek, version, context, sealed) == value
        names = ("tenant", "table", "column", "row", "purpose", "revision")
        made.append({
            "name": name,
            "kek": kek.hex(),
            "version": version,
            "context": dict(zip(names, context)),
            "encoded": encoded(context).hex(),
            "value": value.hex(),
            "sealed": sealed.hex(),
        })
    return made


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["vectors"]:
            print(json.dumps(vectors(), indent=1, ensure_ascii=False))
        case ["open", kek, version, *texts, revision]:
            context = (*texts, None if revision == "-" else int(revision))
            sealed = sys.stdin.buffer.read()
            sys.stdout.buffer.write(open_(bytes.fromhex(kek), int(version), context, sealed))
        case _:
            sys.exit(__doc__)
