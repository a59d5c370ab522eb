// `npm start`: the flows example, in the kernel when this process may load programs, else in process over a capture.
// What follows `--` goes to the example: `npm start -- eth0`, `npm start -- --help`.
import { createSocket } from "node:dgram";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

const example = fileURLToPath(new URL("../examples/flows", import.meta.url));
const given = process.argv.slice(2);
const shown = given.length === 0;
// Nobody can press Ctrl-C in a pipe or in CI: stop after a few seconds there.
const args = shown && !process.stdout.isTTY ? ["--seconds", "4"] : given;

const run = execa("node", ["dist/main.js", ...args], { cwd: example, stdio: "inherit", reject: false });
process.on("SIGINT", () => undefined); // the example hears it too, prints its last table and ends
const stopSending = shown ? sendToOurselves() : () => undefined;
const { exitCode } = await run;
stopSending();
process.exitCode = exitCode ?? 1;

/** Sends a UDP packet to this machine four times a second, so that there is something to see on its loopback. */
function sendToOurselves() {
  const socket = createSocket("udp4");
  socket.on("error", () => undefined); // nobody needs to listen
  const timer = setInterval(() => socket.send("waggle", 9, "127.0.0.1"), 250);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}
