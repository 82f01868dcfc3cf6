"""Mints tokens with PyJWT and authlib, and writes the keys that check them.

The keys are those of `../vectors/keys`: TEST KEYS, which are public and protect nothing. README.md says how to run this.
"""

import base64
import json
import pathlib

import authlib
import jwt as pyjwt
from authlib.jose import JsonWebToken  # warns that joserfc follows it
from cryptography.hazmat.primitives.serialization import load_pem_public_key

HERE = pathlib.Path(__file__).parent
KEYS = HERE.parent / "vectors" / "keys"

# TEST SECRET: the one of `../it/fixture.rs`.
SECRET = b"forty bytes that are secret to the tests"

ISSUER = "https://id.example"
AUDIENCE = "api"
ISSUED = 1_767_225_600  # 2026-01-01: what the clock of the tests shows
EXPIRES = 4_102_444_800  # 2100-01-01

# Algorithm -> the private key that signs, in `../vectors/keys`.
PRIVATE = {
    "HS256": None,
    "RS256": "rsa.private.pem",
    "PS256": "rsa.private.pem",
    "ES256": "ec.P-256.private.pem",
    "ES384": "ec.P-384.private.pem",
    "EdDSA": "ed25519.private.pem",
}


def signing_key(algorithm):
    name = PRIVATE[algorithm]
    return SECRET if name is None else (KEYS / name).read_bytes()


def kid(algorithm):
    return "test-" + algorithm.lower()


def claims(subject):
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": ISSUED, "exp": EXPIRES}


def by_pyjwt(algorithm, subject):
    header = {"kid": kid(algorithm)}
    return pyjwt.encode(claims(subject), signing_key(algorithm), algorithm=algorithm, headers=header)


def by_authlib(algorithm, subject):
    header = {"alg": algorithm, "kid": kid(algorithm)}
    token = JsonWebToken([algorithm]).encode(header, claims(subject), signing_key(algorithm))
    return token.decode("ascii")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def number(value, length):
    return base64url(value.to_bytes(length, "big"))


def jwk(algorithm):
    """The key as its issuer publishes it; the secret too, because these are TEST KEYS."""
    key = {"kid": kid(algorithm), "use": "sig", "alg": algorithm}
    name = PRIVATE[algorithm]
    if name is None:
        return {"kty": "oct", **key, "k": base64url(SECRET)}
    public = load_pem_public_key((KEYS / name.replace("private", "public")).read_bytes())
    if name.startswith("rsa"):
        numbers = public.public_numbers()
        length = (numbers.n.bit_length() + 7) // 8
        return {"kty": "RSA", **key, "n": number(numbers.n, length), "e": number(numbers.e, 3)}
    if name.startswith("ec"):
        numbers = public.public_numbers()
        length = (public.key_size + 7) // 8
        point = {"x": number(numbers.x, length), "y": number(numbers.y, length)}
        return {"kty": "EC", **key, "crv": f"P-{public.key_size}", **point}
    return {"kty": "OKP", **key, "crv": "Ed25519", "x": base64url(public.public_bytes_raw())}


def write(name, value):
    (HERE / name).write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def main():
    libraries = [("PyJWT", pyjwt.__version__, by_pyjwt), ("authlib", authlib.__version__, by_authlib)]
    minted = []
    for library, version, mint in libraries:
        for algorithm in PRIVATE:
            subject = f"{library} {algorithm}"
            token = mint(algorithm, subject)
            minted.append(
                {
                    "library": library,
                    "version": version,
                    "algorithm": algorithm,
                    "subject": subject,
                    "token": token,
                }
            )
    # What the others minted stays.
    tokens = HERE / "tokens.json"
    known = json.loads(tokens.read_text(encoding="utf-8")) if tokens.exists() else []
    ours = {library for library, _, _ in libraries}
    write("tokens.json", minted + [token for token in known if token["library"] not in ours])
    write("jwks.json", {"keys": [jwk(algorithm) for algorithm in PRIVATE]})


main()
