// A connection to `mocap live` that keeps the newest frame and comes back by itself.

import { BINARY, PROTOCOL, decode, skeletonsOf } from "./protocol.js";

const PAUSES = [0.25, 0.5, 1, 2]; // [s] before each next try
const SILENCE = 5; // [s] without any message after which a connection is given up: status is 1 Hz
const now = () => performance.now() / 1000;

/**
 * Fires `cast` when people appear or their skeletons change, `change` with the connection or the
 * status, `message` with what people should read. Frames are no events: take `frame` to draw.
 */
export class Stream extends EventTarget {
  state = "connecting"; // connecting, connected, failed
  server = "";
  skeletons = new Map(); // by person id
  frame = null; // the newest
  status = null;
  received = 0;
  #offset = null; // [s] the server's clock over ours
  #shortest = Infinity; // [s] the round trip that told so
  #tries = 0;
  #heard = 0;
  #socket = null;

  constructor(url) {
    super();
    this.url = url;
    this.#open();
    setInterval(() => this.#tick(), 1000);
  }

  /** [s] from the moment the camera saw the newest frame until now; null while unknown. */
  get latency() {
    return this.frame && this.#offset !== null ? now() + this.#offset - this.frame.t : null;
  }

  /** Say something to the server: record, stop, calibrate, set, takes. */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #open() {
    let socket;
    try {
      socket = new WebSocket(this.url, [BINARY]);
    } catch (error) {
      this.#become("failed", `${this.url}: ${error.message}`);
      return;
    }
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    this.#socket = socket;
    this.#heard = now();
  }

  #receive(data) {
    this.#heard = now();
    const message = decode(data);
    if (message.type === "frame") {
      this.frame = message;
      this.received += 1;
      this.send({ type: "seen", seq: message.seq }); // so that none older than this one is sent
    } else if (message.type === "hello") {
      this.#hello(message);
    } else if (message.type === "pong") {
      const trip = now() - message.t;
      if (trip <= this.#shortest) {
        this.#shortest = trip;
        this.#offset = message.clock - (message.t + now()) / 2;
      }
    } else if (message.type === "status") {
      this.status = message;
      this.dispatchEvent(new Event("change"));
    } else if (message.type === "note" || message.type === "error") {
      this.#tell(message.message);
    }
  }

  #hello(message) {
    if (message.protocol !== PROTOCOL) {
      this.#socket.onclose = null;
      this.#socket.close();
      this.#become("failed", `the server speaks protocol ${message.protocol}, this page ${PROTOCOL}`);
      return;
    }
    this.server = message.server;
    this.skeletons = skeletonsOf(message);
    if (this.state !== "connected") {
      this.#tries = 0;
      this.#shortest = Infinity;
      this.#ping();
      this.#become("connected", "");
    }
    this.dispatchEvent(new Event("cast"));
  }

  #closed(code, reason) {
    const pause = PAUSES[Math.min(this.#tries, PAUSES.length - 1)];
    this.#tries += 1;
    this.frame = null;
    this.#offset = null;
    const why = reason || (this.state === "connected" ? `connection lost (${code})` : "");
    this.#become("connecting", why || `nobody answers at ${this.url}; is \`mocap live\` running?`);
    setTimeout(() => this.#open(), 1000 * pause);
  }

  #tick() {
    if (this.state !== "connected") return;
    if (now() - this.#heard > SILENCE) {
      // a socket whose other end is gone would take minutes to notice
      const socket = this.#socket;
      socket.onclose = socket.onmessage = null;
      socket.close();
      this.#closed(1006, "the server fell silent");
      return;
    }
    this.#shortest *= 1.1; // clocks drift apart: an old measure counts for less
    this.#ping();
  }

  #ping() {
    this.send({ type: "ping", t: now() });
  }

  #become(state, message) {
    this.state = state;
    this.#tell(message);
    this.dispatchEvent(new Event("change"));
  }

  #tell(text) {
    this.dispatchEvent(new CustomEvent("message", { detail: text }));
  }
}
