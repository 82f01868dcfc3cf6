"""The format of a sealed stream as docs/stream-format.md tells it, by Python's `cryptography` alone.

    python3 stream.py vectors > stream.json
    python3 stream.py open KEY_HEX VERSION TENANT TABLE COLUMN ROW PURPOSE REVISION|- < header-and-chunks
"""

import hashlib
import hmac
import json
import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealed import drawn, encoded, wrap_aad, xaes

MARK = b"PSVS\x01"
TAG = 16


def block(dek, size, salt, context):
    info = b"palisade-vault stream" + MARK + bytes([size]) + salt + context + b"\x01"
    digest = hmac.new(dek, info, hashlib.sha512).digest()
    return digest[:32], digest[32:]


def nonce(number, last):
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def divided(value, size):
    """The chunks of a value: one at least."""
    whole = 1 << size
    return [value[at : at + whole] for at in range(0, len(value), whole)] or [b""]


def header(kek, version, context, dek, wrap_nonce, size, salt, commitment):
    gcm, short = xaes(kek, wrap_nonce)
    wrapped = wrap_nonce + gcm.encrypt(short, dek, wrap_aad(version, context))
    return MARK + struct.pack(">IH", version, len(wrapped)) + wrapped + bytes([size]) + salt + commitment


def body(key, commitment, chunks, nonces):
    return b"".join(AESGCM(key).encrypt(nonce, chunk, commitment) for chunk, nonce in zip(chunks, nonces, strict=True))


def counted(chunks):
    return [nonce(number, number == len(chunks) - 1) for number in range(len(chunks))]


def open_(kek, version, context, sealed):
    context = encoded(context)
    assert sealed[:5] == MARK
    said, length = struct.unpack(">IH", sealed[5:11])
    assert said == version
    wrapped, rest = sealed[11 : 11 + length], sealed[11 + length :]
    gcm, short = xaes(kek, wrapped[:24])
    dek = gcm.decrypt(short, wrapped[24:], wrap_aad(version, context))
    size, salt, committed, rest = rest[0], rest[1:33], rest[33:65], rest[65:]
    assert 12 <= size <= 20
    key, commitment = block(dek, size, salt, context)
    assert hmac.compare_digest(committed, commitment)
    whole = (1 << size) + TAG
    chunks = [rest[at : at + whole] for at in range(0, len(rest), whole)]
    assert chunks and (len(chunks) == 1 or len(chunks[-1]) > TAG)
    opened = (AESGCM(key).decrypt(n, chunk, commitment) for n, chunk in zip(counted(chunks), chunks))
    return b"".join(opened)


class Case:
    """A stream in the making: everything in it is drawn from its name."""

    def __init__(self, name, version, context, size, length):
        self.name, self.version, self.context, self.size, self.length = name, version, context, size, length
        self.kek, self.dek, self.salt = (drawn(part + name, 32) for part in ("kek ", "dek ", "salt "))
        self.value = drawn("value " + name, length)
        self.chunks = divided(self.value, size)
        self.key, self.commitment = block(self.dek, size, self.salt, encoded(context))
        self.header = header(
            self.kek, version, encoded(context), self.dek, drawn("wrap " + name, 24), size, self.salt, self.commitment
        )

    def told(self, stored, opens):
        if opens:
            assert open_(self.kek, self.version, self.context, self.header + stored) == self.value
        names = ("tenant", "table", "column", "row", "purpose", "revision")
        return {
            "name": self.name,
            "opens": opens,
            "kek": self.kek.hex(),
            "version": self.version,
            "context": dict(zip(names, self.context)),
            "length": self.length,
            "header": self.header.hex(),
            "chunks": stored.hex(),
        }

    def good(self):
        return self.told(body(self.key, self.commitment, self.chunks, counted(self.chunks)), True)

    def bad(self, chunks=None, nonces=None, aad=None):
        chunks = self.chunks if chunks is None else chunks
        nonces = counted(chunks) if nonces is None else nonces
        return self.told(body(self.key, self.commitment if aad is None else aad, chunks, nonces), False)


def vectors():
    file = ("acme", "files", "body", "42", "download", 7)
    good = [
        ("nothing", 1, file, 12, 0),
        ("one byte", 1, file, 12, 1),
        ("one whole chunk", 2, file, 12, 4096),
        ("a byte more", 4294967295, ("", "töne", "é", "Zoë", "", None), 12, 4097),
        ("two whole chunks", 3, file, 12, 8192),
        ("a chunk of 64 KiB", 3, ("acme", "files", "body", "a/b", "export", 2**64 - 1), 16, 33),
        ("a chunk of 1 MiB", 3, file, 20, 100),
    ]
    made = [Case(*case).good() for case in good]

    def case(name, length=5000, size=12):
        return Case(name, 1, file, size, length)

    none_last = case("no chunk is the last")
    made.append(none_last.bad(nonces=[nonce(0, False), nonce(1, False)]))
    all_last = case("a chunk is the last and has one behind it")
    made.append(all_last.bad(nonces=[nonce(0, True), nonce(1, True)]))
    from_one = case("counted from 1")
    made.append(from_one.bad(nonces=[nonce(1, False), nonce(2, True)]))
    little = case("counted from the other end")
    made.append(little.bad(nonces=[nonce(0, False), (1).to_bytes(11, "little") + b"\x01"]))
    empty = case("an empty chunk behind a whole one", 4096)
    made.append(empty.bad(chunks=[empty.value, b""]))
    short = case("a chunk in front is short")
    made.append(short.bad(chunks=[short.value[:4000], short.value[4000:]]))
    alone = case("tags are of nothing but the chunk")
    made.append(alone.bad(aad=b""))
    for size in (11, 21):
        made.append(case(f"chunks of two to the power of {size}", 100, size).bad())
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
