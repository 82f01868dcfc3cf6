// The score that MDN's scanner gives an answer: one line of JSON for each of standard input.
//
// The answer was fetched by the tests, because the scanner asks ports 80 and 443 alone. It is taken for one over TLS with a
// good certificate, of a host that answers plain HTTP with a redirect.

import { existsSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const source = new URL("./node_modules/@mdn/mdn-http-observatory/", import.meta.url);
// The list of hosts that browsers know to be of TLS alone, which its installation would fetch: none of ours is on it.
const preloaded = new URL("conf/hsts-preload.json", source);
if (!existsSync(preloaded)) {
  writeFileSync(preloaded, "{}");
}

const { ALL_TESTS } = await import(new URL("src/constants.js", source));
const { Requests } = await import(new URL("src/types.js", source));
const { getScoreModifier } = await import(new URL("src/grader/grader.js", source));
const { parseHttpEquivHeaders } = await import(new URL("src/retriever/utils.js", source));
const { CookieJar } = await import("tough-cookie");

const HOST = "wall.example";

const requests = ({ status, headers, body }) => {
  const made = new Requests(HOST);
  // As axios has them: a value, or a list where a name stands several times, and a way to ask for one.
  const all = {};
  for (const [name, value] of headers) {
    all[name] = name in all ? [all[name], value].flat() : value;
  }
  Object.defineProperty(all, "get", { value: (name) => all[name.toLowerCase()] });
  const url = new URL(`https://${HOST}/`);
  const answer = {
    status,
    headers: all,
    data: body,
    verified: true,
    request: { headers: { origin: "https://http-observatory.security.mozilla.org" } },
    httpEquiv: parseHttpEquivHeaders(body, url.href),
  };
  Object.assign(made.responses, { auto: answer, cors: answer, http: answer, https: answer });
  made.responses.httpRedirects = [
    { url: new URL(`http://${HOST}/`), status: 301 },
    { url, status },
  ];
  made.resources.path = body;
  const jar = new CookieJar();
  for (const cookie of [all["set-cookie"] ?? []].flat()) {
    jar.setCookieSync(cookie, url.href);
  }
  made.session = { url, jar };
  return made;
};

for await (const line of createInterface({ input: process.stdin })) {
  const made = requests(JSON.parse(line));
  const results = ALL_TESTS.map((test) => test(made));
  const modifiers = results.map(({ result }) => getScoreModifier(result));
  const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);
  const uncurved = 100 + sum(modifiers.filter((modifier) => modifier < 0));
  // Its rule: what is more than enough counts where there is little to find fault with.
  const score = uncurved >= 90 ? 100 + sum(modifiers) : uncurved;
  console.log(
    JSON.stringify({
      score,
      results: results.map(({ result, pass }) => `${pass ? "pass" : "fail"} ${result}`),
    }),
  );
}
