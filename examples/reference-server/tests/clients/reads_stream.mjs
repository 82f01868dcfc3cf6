// Follows a stream as `eventsource` does, and says what it is told: one line of JSON for each event, and each time it opens.

import { EventSource } from "eventsource";

const [url, token] = process.argv.slice(2);

const stream = new EventSource(url, {
  fetch: (input, init) =>
    fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }),
});
const say = (told) => console.log(JSON.stringify(told));

stream.addEventListener("open", () => say({ type: "open" }));
for (const type of ["message", "request", "lagged", "end"]) {
  stream.addEventListener(type, ({ data, lastEventId }) => say({ type, data, lastEventId }));
}
