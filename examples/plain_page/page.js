// A page of your own: the connection's state, and answers as they grow, each with its end. To see it, start a backend that
// invites it, serve the repository, and open http://localhost:3000/examples/plain_page/:
//   examples/run.sh --allow-origin http://localhost:3000
//   python3 -m http.server 3000
import { WirthforgeClient } from "../../client/wirthforge.js";

const state = document.getElementById("state");
const answers = document.getElementById("answers");
const client = new WirthforgeClient("ws://127.0.0.1:8145/ws");

client.on("state", ({ name, attempt, reason }) => {
  state.textContent = name === "refused" ? `refused: ${reason}` : attempt ? `${name}, attempt ${attempt}` : name;
});
client.on("token_stream", ({ payload: { sessionId, tokens, isComplete } }) => {
  const { state, reason } = client.answer(sessionId);
  const end = state === "done" ? "" : ` [${state}: ${reason}]`; // cut at its limit, stopped, failed
  answers.append(tokens.join(""), isComplete ? `${end}\n\n` : "");
});
client.on("gap", ({ message }) => answers.append(`\n[${message}]\n`));
client.connect();
