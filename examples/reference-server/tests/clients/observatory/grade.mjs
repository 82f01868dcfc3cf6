// What the MDN HTTP Observatory makes of some answers: a line of JSON for each line that is read.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";

import { AxiosHeaders } from "axios";

const require = createRequire(import.meta.url);
const root = path.dirname(path.dirname(require.resolve("@mdn/mdn-http-observatory")));

// The list of preloaded hosts is fetched when the package is installed by itself. Ours has one host in it.
const list = path.join(root, "conf", "hsts-preload.json");
const preloaded = { mode: "force-https", includeSubDomains: true };
const partial = `${list}.${process.pid}`;
fs.writeFileSync(partial, JSON.stringify({ "preloaded.example": preloaded }));
fs.renameSync(partial, list);

const source = (name) => import(path.join(root, "src", name));
const { ALL_TESTS } = await source("constants.js");
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await source("grader/charts.js");
const { getGradeForScore, getScoreModifier } = await source("grader/grader.js");
const { Requests } = await source("types.js");
const { Session } = await source("retriever/session.js");
const { parseHttpEquivHeaders } = await source("retriever/utils.js");

// As node joins the lines of a header.
const joined = (list) => {
  const headers = {};
  for (const [given, value] of list) {
    const name = given.toLowerCase();
    if (name === "set-cookie") {
      headers[name] = [...(headers[name] ?? []), value];
    } else if (!(name in headers)) {
      headers[name] = value;
    } else if (name !== "content-type") {
      headers[name] += `, ${value}`;
    }
  }
  return new AxiosHeaders(headers);
};

const requests = ({ headers, https, untrusted, host, page, plainHttp, origin, preflight }) => {
  const asked = new Requests(host);
  const url = new URL(`${https ? "https" : "http"}://${host}/`);
  const answer = { headers: joined(headers), request: { headers: {} }, status: 200, verified: !untrusted };
  answer.httpEquiv = parseHttpEquivHeaders(page ?? "", url.href);
  if (!/^(text\/html|application\/xhtml\+xml)(;|$)/.test(answer.headers["content-type"] ?? "")) {
    answer.httpEquiv = new Map();
  }
  asked.resources.path = page ?? null;
  asked.responses.auto = answer;
  asked.responses.https = https ? answer : null;
  asked.responses.cors = {
    headers: joined(preflight ?? headers),
    request: { headers: origin ? { origin } : {} },
  };
  if (plainHttp === "untrusted") {
    asked.responses.http = { ...answer, verified: false };
  } else if (plainHttp !== "closed") {
    asked.responses.http = { ...answer, verified: true };
    asked.responses.httpRedirects = plainHttp.map((place) => ({ url: new URL(place), status: 301 }));
  }
  asked.session = new Session(url);
  for (const cookie of answer.headers["set-cookie"] ?? []) {
    asked.session.jar.setCookieSync(cookie, url.href, { ignoreError: true });
  }
  return asked;
};

// As `src/scanner/index.js` adds up.
const grade = (question) => {
  const asked = requests(question);
  const rows = ALL_TESTS.map((test) => test(asked));
  let [all, strict] = [100, 100];
  for (const { result } of rows) {
    const points = getScoreModifier(result);
    all += points;
    strict += Math.min(points, 0);
  }
  const final = getGradeForScore(strict >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? all : strict);
  return {
    ...final,
    rows: rows.map((row) => ({
      id: row.constructor.name,
      result: row.result,
      pass: row.pass,
      points: getScoreModifier(row.result),
    })),
  };
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(grade(JSON.parse(line))));
}
