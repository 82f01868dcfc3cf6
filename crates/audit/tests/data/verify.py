"""Verifies an exported log with nothing of Palisade: python3 verify.py LOG [CHECKPOINTS KEYS]

It follows docs/format.md and the standard library of Python, and stops at the first thing that is wrong.
"""

import base64
import hashlib
import json
import sys

PARTS = {
    "actor": ("actor", ["actor_subject", "actor_address", "actor_user_agent"]),
    "on-behalf-of": ("behalf", ["behalf_subject", None, None]),
    "target": ("target", ["target_id", None, None]),
    "words": ("words", ["reason", "details", None]),
}
STAYING = [
    "sequence", "time", "action", "outcome", "code", "request_id", "actor_kind", "actor_issuer", "actor_seal",
    "behalf_issuer", "behalf_seal", "target_kind", "target_issuer", "target_seal", "words_seal",
]


def field(value):
    if value is None:
        return b"\0"
    return b"\1" + len(value).to_bytes(8, "big") + value


def digest(tag, fixed, fields):
    text = b"palisade-audit/1 " + tag.encode() + b"\n" + fixed
    return hashlib.sha256(text + b"".join(field(value) for value in fields)).hexdigest()


def column(record, name):
    value = record[name] if name else None
    if value is None:
        return None
    return bytes.fromhex(value) if name.endswith("_seal") else str(value).encode()


def check(record, before, head):
    sequence = record["sequence"]
    assert sequence == before + 1, f"record {sequence} stands behind record {before}"
    assert head in (None, record["previous"]), f"record {sequence} does not follow the one before it"
    fields = [column(record, name) for name in STAYING]
    own = digest("record", bytes.fromhex(record["previous"]), fields)
    assert own == record["hash"], f"record {sequence} was edited"
    erased = 0
    for part, (prefix, names) in PARTS.items():
        seal, salt = record[prefix + "_seal"], record[prefix + "_salt"]
        values = [column(record, name) for name in names]
        if salt is None:
            assert values == [None] * 3, f"record {sequence}: {part} has no salt"
            erased += seal is not None
        else:
            own = digest(part, bytes.fromhex(salt), values)
            assert own == seal, f"record {sequence}: {part} was edited"
    return erased


# Ed25519 as RFC 8032 section 6 has it: slow, and short enough to be read.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, y, z, t = f - e, d - c, d + c, f + e
    return x * y % P, z * t % P, y * z % P, x * t % P


def times(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def point_of(text):
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - square) % P == 0, "no point"
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def has_signed(key, text, signature):
    challenge = hashlib.sha512(signature[:32] + key + text).digest()
    challenge = int.from_bytes(challenge, "little") % L
    left = times(int.from_bytes(signature[32:], "little"), BASE)
    right = add(point_of(signature[:32]), times(challenge, point_of(key)))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def checkpoints(lines, keys):
    known = {}
    for line in keys:
        name, digits, key = line.strip().split("+", 2)
        key = base64.b64decode(key)
        assert hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] == digits, f"{name} is mistyped"
        assert key[0] == 1, f"{name} is not of Ed25519"
        known[f"{name}+{digits}"] = key[1:]
    for line in lines:
        text, signature = line.rstrip("\n").split(" signature=")
        said = dict(word.split("=", 1) for word in text.split(" ")[1:])
        assert has_signed(known[said["key"]], text.encode(), base64.b64decode(signature)), f"not signed: {text}"
        yield said["log"], int(said["sequence"]), said["hash"]


def main(log, *files):
    sequence, head, erased, hashes, name = 0, None, 0, {}, None
    for line in open(log, encoding="utf-8"):
        record = json.loads(line)
        erased += check(record, sequence, head)
        sequence, head = record["sequence"], record["hash"]
        name = name or record["previous"]
        hashes[sequence] = head
    fitting = 0
    if files:
        for log, number, hash in checkpoints(*(open(file, encoding="utf-8") for file in files)):
            assert log == name, "a checkpoint of another log"
            assert number <= sequence, f"the log ends with record {sequence}, before the checkpoint of record {number}"
            assert hashes[number] == hash, f"the log was written anew before record {number}"
            fitting += 1
    print(f"whole: {sequence} records, {erased} parts erased, {fitting} checkpoints, head {head}")


if __name__ == "__main__":
    main(*sys.argv[1:])
