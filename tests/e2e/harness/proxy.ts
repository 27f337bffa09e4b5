// An HTTP proxy between a browser and the endpoint that fails as a test says: it loses, delays and cuts
// requests and answers, answers by itself, and counts what passes.
//
// It loses as networks do: a connection breaks, or stays open and brings nothing. When the browser
// aborts a request, the proxy aborts it at the endpoint.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Endpoint } from "./endpoint";

export type Fault =
  /** The connection breaks before the request has arrived. */
  | { is: "request lost" }
  /** It is done, and the connection breaks before the answer. */
  | { is: "answer lost" }
  /** Nothing arrives and nothing comes back. */
  | { is: "swallowed" }
  /** It is done; the answer comes so much later. */
  | { is: "delayed"; ms: number }
  /** It is done; the answer's body ends half-way, and the connection with it. */
  | { is: "cut" }
  /** It is not done, and this is answered. */
  | { is: "answered"; status: number };

export interface Passing {
  /** `ChatMessage`, `Messages`, `SessionId`…; empty for what is no call of the visitor API. */
  kind: string;
  /** How many of its kind there have been, with this one. */
  nth: number;
}

interface Message {
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Whether the body came to its end. */
  whole: boolean;
}

/** A request that has reached the endpoint, and its answer, if there was one. */
export interface Exchange {
  method: string;
  /** Path and query. */
  url: string;
  request: Message;
  response: Message | null;
}

export class FaultyProxy {
  /** What befalls a request; asked once for each. */
  faults: (passing: Passing) => Fault | undefined = () => undefined;
  /** Whether the way back is dead for answers of this kind, also those that were waited for already:
   * it is done, and nothing ever comes back, not even an end. */
  deaf: (kind: string) => boolean = () => false;
  /** Called when an answer is on its way to the browser. */
  answered: (kind: string) => void = () => {};
  /** Called when a request and its answer are over, and when the browser has aborted it. */
  passed: (exchange: Exchange) => void = () => {};
  /** Requests by kind, and faults by what they are. */
  readonly requests = new Map<string, number>();
  readonly befell = new Map<Fault["is"] | "answer swallowed", number>();
  private readonly sockets = new Set<Socket>();
  private gone = { up: 0, down: 0 };

  private constructor(
    private readonly server: Server,
    private readonly endpoint: Endpoint,
    readonly url: string,
  ) {}

  static async before(endpoint: Endpoint): Promise<FaultyProxy> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    const proxy = new FaultyProxy(server, endpoint, `http://127.0.0.1:${port}`);
    server.on("connection", (socket) => proxy.watch(socket));
    server.on("request", (asked, answer) => proxy.pass(asked, answer));
    return proxy;
  }

  get installation() {
    return this.endpoint.installation;
  }

  /** Bytes so far, everything in them: to the endpoint, and from it. */
  bytes(): { up: number; down: number } {
    const sum = { ...this.gone };
    for (const socket of this.sockets) {
      sum.up += socket.bytesRead;
      sum.down += socket.bytesWritten;
    }
    return sum;
  }

  total(): number {
    return [...this.befell.values()].reduce((sum, count) => sum + count, 0);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private watch(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("close", () => {
      this.sockets.delete(socket);
      this.gone = { up: this.gone.up + socket.bytesRead, down: this.gone.down + socket.bytesWritten };
    });
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const kind = /^\/chat\/rest\/\w+\/(\w+)/.exec(asked.url ?? "")?.[1] ?? "";
    const nth = count(this.requests, kind);
    const fault = this.faults({ kind, nth });
    if (fault) count(this.befell, fault.is);
    asked.on("error", () => {});
    switch (fault?.is) {
      case "request lost":
        return void asked.socket.destroy();
      case "swallowed":
        return void asked.resume();
      case "answered":
        asked.resume();
        return void answer.writeHead(fault.status).end();
    }
    const exchange: Exchange = {
      method: asked.method ?? "",
      url: asked.url ?? "",
      request: collect(asked),
      response: null,
    };
    const inside = request(
      this.endpoint.url + asked.url,
      { method: asked.method, headers: asked.headers, agent: false },
      (told) => {
        exchange.response = collect(told);
        this.bring(told, asked, answer, kind, fault);
      },
    );
    inside.on("error", () => asked.socket.destroy());
    inside.on("close", () => this.passed(exchange));
    // Nobody waits any more; whose way back is dead cannot tell.
    answer.once("close", () => this.deaf(kind) || inside.destroy());
    asked.pipe(inside);
  }

  private bring(
    told: IncomingMessage,
    asked: IncomingMessage,
    answer: ServerResponse,
    kind: string,
    fault?: Fault,
  ): void {
    const status = told.statusCode ?? 502;
    const parts: Buffer[] = [];
    told.on("error", () => asked.socket.destroy());
    told.on("data", (part: Buffer) => parts.push(part));
    told.on("end", () => {
      const body = Buffer.concat(parts);
      if (this.deaf(kind)) return void count(this.befell, "answer swallowed");
      switch (fault?.is) {
        case undefined:
          answer.writeHead(status, told.rawHeaders).end(body, () => this.answered(kind));
          return;
        case "delayed":
          setTimeout(() => answer.writeHead(status, told.rawHeaders).end(body), fault.ms);
          return;
        case "cut":
          answer.writeHead(status, told.rawHeaders);
          answer.write(body.subarray(0, body.length / 2), () => asked.socket.destroy());
          return;
        default:
          asked.socket.destroy();
      }
    });
  }
}

/** The message, whose body grows as it comes. */
function collect(incoming: IncomingMessage): Message {
  const message: Message = { headers: incoming.headers, body: Buffer.alloc(0), whole: false };
  incoming.on("data", (part: Buffer) => (message.body = Buffer.concat([message.body, part])));
  incoming.on("end", () => (message.whole = true));
  return message;
}

function count<Key>(counts: Map<Key, number>, key: Key): number {
  const many = (counts.get(key) ?? 0) + 1;
  counts.set(key, many);
  return many;
}
