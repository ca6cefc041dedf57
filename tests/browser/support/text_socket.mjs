// As much of a WebSocket client (RFC 6455) as it takes to speak with a browser's remote control: text, whole or in pieces.
import { randomBytes } from "node:crypto";
import { request } from "node:http";

/** Resolves with {send(text), close(), onText, onEnd} once the socket is open. */
export function openTextSocket(url) {
  return new Promise((resolve, reject) => {
    const asked = request(url.replace(/^ws/, "http"), {
      headers: {
        Upgrade: "websocket",
        Connection: "Upgrade",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
        "Sec-WebSocket-Version": "13",
      },
    });
    asked.once("error", reject);
    asked.once("response", ({ statusCode }) => reject(new Error(`no WebSocket: ${statusCode}`)));
    asked.once("upgrade", (response, stream, head) => {
      const socket = {
        onText() {},
        onEnd() {},
        send: (text) => stream.write(frame(0x1, Buffer.from(text))),
        close: () => stream.end(frame(0x8, Buffer.alloc(0))),
      };
      let waiting = head;
      let pieces = [];
      const take = () => {
        for (let read = readFrame(waiting); read; read = readFrame(waiting)) {
          waiting = waiting.subarray(read.length);
          if (read.opcode === 0x9) stream.write(frame(0xa, read.payload));
          if (read.opcode > 0x1) continue;
          pieces.push(read.payload);
          if (!read.isLast) continue;
          const text = Buffer.concat(pieces).toString();
          pieces = [];
          socket.onText(text);
        }
      };
      stream.on("data", (bytes) => {
        waiting = Buffer.concat([waiting, bytes]);
        take();
      });
      stream.on("error", () => {});
      stream.on("close", () => socket.onEnd());
      resolve(socket);
    });
    asked.end();
  });
}

// A client's frame is masked (section 5.3).
function frame(opcode, payload) {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 65536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index % 4])]);
}

function readFrame(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < head) return null;
  const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < head + size) return null;
  const payload = bytes.subarray(head, head + size);
  return { opcode: bytes[0] & 0x0f, isLast: (bytes[0] & 0x80) !== 0, payload, length: head + size };
}
