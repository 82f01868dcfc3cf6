// Mints tokens with jose of npm, and puts them beside those of mint.py.
//
// The keys are those of ../vectors/keys: TEST KEYS, which are public and protect nothing. README.md says how to run this.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

// From the folder this is run in, where jose is installed; nothing is installed beside the sources.
const require = createRequire(join(process.cwd(), "package.json"));
const entry = require.resolve("jose");
const { SignJWT, importPKCS8 } = await import(pathToFileURL(entry));

// TEST SECRET: the one of ../it/fixture.rs.
const SECRET = new TextEncoder().encode("forty bytes that are secret to the tests");

const ISSUER = "https://id.example";
const AUDIENCE = "api";
const ISSUED = 1_767_225_600; // 2026-01-01: what the clock of the tests shows
const EXPIRES = 4_102_444_800; // 2100-01-01

// Algorithm -> the private key that signs, in ../vectors/keys.
const PRIVATE = {
  HS256: null,
  RS256: "rsa.private.pem",
  PS256: "rsa.private.pem",
  ES256: "ec.P-256.private.pem",
  ES384: "ec.P-384.private.pem",
  EdDSA: "ed25519.private.pem",
};

function read(path) {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

// The version stands in the package.json next to, or above, what was found.
function versionAbove(folder) {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (name === "jose" && version) return version;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  return versionAbove(dirname(folder));
}

async function mint(algorithm, subject) {
  const name = PRIVATE[algorithm];
  const key = name === null ? SECRET : await importPKCS8(read(`../vectors/keys/${name}`), algorithm);
  return new SignJWT()
    .setProtectedHeader({ alg: algorithm, kid: `test-${algorithm.toLowerCase()}`, typ: "at+jwt" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(subject)
    .setIssuedAt(ISSUED)
    .setExpirationTime(EXPIRES)
    .sign(key);
}

const library = "jose";
const version = versionAbove(dirname(entry));
const minted = [];
for (const algorithm of Object.keys(PRIVATE)) {
  const subject = `${library} ${algorithm}`;
  minted.push({ library, version, algorithm, subject, token: await mint(algorithm, subject) });
}

// What the others minted stays.
const known = JSON.parse(read("tokens.json")).filter((token) => token.library !== library);
const text = JSON.stringify([...known, ...minted], null, 2);
writeFileSync(new URL("tokens.json", import.meta.url), `${text}\n`);
