// npm ws in the race.   node ws.mjs echo|fanout
import { WebSocketServer, WebSocket } from "ws";

const isEcho = process.argv[2] !== "fanout";
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, backlog: 4096 }, () => {
  console.log(`port ${server.address().port}`);
});

server.on("connection", (socket) => {
  socket.on("error", () => {});
  if (isEcho) socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});

const now = () => Number(process.hrtime.bigint());
const start = now();
const deadline = (number) => start + (number * 1e9) / 60;
let next = 1;

function tick() {
  const began = now();
  next = Math.max(next, Math.floor(((began - start) * 60) / 1e9));
  const text = JSON.stringify({
    type: "energy_update",
    channel: "energy",
    timestamp: Date.now(),
    frameNumber: next,
    payload: {
      totalEnergy: now(),
      deltaEnergy: began - deadline(next),
      tokensGenerated: 3,
      processingTime: 1.25,
      modelId: "llama3_2-3b",
      energyDistribution: { generation: 0.512345, attention: 0.3125, reasoning: 0.175155 },
    },
  });
  for (const client of server.clients) if (client.readyState === WebSocket.OPEN) client.send(text);
  next += 1;
  wait();
}

// setTimeout counts whole milliseconds, so a tick may be one late.
function wait() {
  const left = (deadline(next) - now()) / 1e6;
  if (left <= 0) tick();
  else setTimeout(wait, Math.ceil(left));
}
if (!isEcho) wait();
