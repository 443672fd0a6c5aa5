// Requests addresses in turn, each connection from its own start, and prints the result as JSON.
//   node peak_load.mjs FOLDER < {"url", "servername", "addresses", "connections", "seconds", "rate"}
// FOLDER is where `npm install autocannon` was run. With a rate, latency counts from the moment a request was due.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const autocannon = createRequire(`${process.argv[2]}/`)("autocannon");
const { url, servername, addresses, connections, seconds, rate } = JSON.parse(readFileSync(0));
const requests = addresses.map((path) => ({ path, headers: { host: servername, "accept-encoding": "br" } }));
let place = 0;
const result = await autocannon({
  url, servername, connections, duration: seconds, timeout: 60,
  ...(rate && { overallRate: rate }),
  requests,
  setupClient: (client) => {
    const start = Math.floor((place++ * requests.length) / connections);
    client.setRequests([...requests.slice(start), ...requests.slice(0, start)]);
  },
});
const { latency, errors, timeouts, non2xx, resets } = result;
console.log(JSON.stringify({ answers: result["2xx"], errors, timeouts, non2xx, resets, latency }));
