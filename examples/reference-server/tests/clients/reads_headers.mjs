// What clients in JavaScript read in the headers of some answers: one line of JSON for each.

import { parseRateLimit } from "ratelimit-header-parser";
import { parseDictionary, parseItem, parseList } from "structured-headers";

const [base, ...paths] = process.argv.slice(2);

// A parser of each form; those that a field has not are no answer. A field of several members is a list.
const forms = { item: parseItem, list: parseList, dictionary: parseDictionary };

const plain = (value) => {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]));
  }
  return Array.isArray(value) ? value.map(plain) : value;
};

const read = (text) => {
  const readings = Object.entries(forms).flatMap(([form, parse]) => {
    try {
      return [[form, plain(parse(text))]];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(readings);
};

for (const path of paths) {
  const answer = await fetch(base + path);
  const normal = parseRateLimit(answer);
  const now = Date.now();
  const fields = [...answer.headers].filter(([name]) => name.startsWith("ratelimit"));
  console.log(
    JSON.stringify({
      status: answer.status,
      retryAfter: answer.headers.get("retry-after"),
      problem: answer.status === 429 ? await answer.json() : null,
      normal: normal && { ...normal, reset: Math.round((normal.reset - now) / 1000) },
      fields: Object.fromEntries(fields.map(([name, text]) => [name, read(text)])),
    }),
  );
}
