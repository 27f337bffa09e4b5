// A visitor's program: calls the visitor API over HTTP as its documentation says, with one poll at a
// time, which acknowledges the one before.
import type { Endpoint } from "./endpoint";

export interface Message {
  type: string;
  message: Record<string, unknown>;
}

export class Caller {
  private ack = -1;
  private sequence = 0;
  private readonly pending: Message[] = [];
  /** All messages that have come, in their order. */
  readonly heard: Message[] = [];

  private constructor(
    private readonly endpoint: Endpoint,
    private readonly id: string,
    private readonly key: string,
    private readonly affinity: string,
  ) {}

  static async call(endpoint: Endpoint): Promise<Caller> {
    const response = await fetch(`${endpoint.url}/chat/rest/System/SessionId`, {
      headers: { "x-liveagent-api-version": "43", "x-liveagent-affinity": "null" },
    });
    const { id, key, affinityToken } = JSON.parse(await read(response, 200));
    return new Caller(endpoint, id, key, affinityToken);
  }

  /** Requests a chat. `more` adds members to the request, or replaces the usual ones. */
  async ask(name: string, more: object = {}): Promise<void> {
    const { organizationId, deploymentId, buttonId } = this.endpoint.installation;
    await this.post("Chasitor/ChasitorInit", {
      organizationId,
      deploymentId,
      buttonId,
      sessionId: this.id,
      visitorName: name,
      userAgent: "crowd",
      language: "en-US",
      screenResolution: "1280x800",
      prechatDetails: [],
      prechatEntities: [],
      receiveQueueUpdates: true,
      isPost: true,
      ...more,
    });
  }

  async post(resource: string, body: object): Promise<void> {
    const response = await fetch(`${this.endpoint.url}/chat/rest/${resource}`, {
      method: "POST",
      headers: { ...this.headers(), "x-liveagent-sequence": String(++this.sequence) },
      body: JSON.stringify(body),
    });
    await read(response, 200);
  }

  async say(text: string): Promise<void> {
    await this.post("Chasitor/ChatMessage", { text });
  }

  /** Sends an event of any kind, or a state such as a rating. */
  async tell(type: string, data: object): Promise<void> {
    await this.post("Chasitor/CustomEvent", { type, data: JSON.stringify(data) });
  }

  /** Uploads a file of text and sends it. */
  async attach(name: string): Promise<void> {
    const body = new FormData();
    body.set("file", new Blob(["some words"]), name);
    const address = `${this.endpoint.url}/chat/rest/Chasitor/FileUpload`;
    const response = await fetch(address, { method: "POST", headers: this.headers(), body });
    const { url } = JSON.parse(await read(response, 200));
    await this.tell("file", { type: "file", url, name, alternative_text: name });
  }

  /** The next message of this type. Those before it are dropped. */
  async next(type: string): Promise<Message["message"]> {
    for (;;) {
      const message = this.pending.shift();
      if (message?.type === type) return message.message;
      if (message?.type === "ChatRequestFail") throw new Error(JSON.stringify(message));
      if (!message) await this.poll();
    }
  }

  private async poll(): Promise<void> {
    const address = `${this.endpoint.url}/chat/rest/System/Messages?ack=${this.ack}`;
    const response = await fetch(address, { headers: this.headers() });
    if (response.status === 204) return void (await response.text());
    const { messages, sequence } = JSON.parse(await read(response, 200));
    this.ack = sequence;
    this.heard.push(...messages);
    this.pending.push(...messages);
  }

  private headers() {
    return {
      "x-liveagent-api-version": "43",
      "x-liveagent-affinity": this.affinity,
      "x-liveagent-session-key": this.key,
    };
  }
}

async function read(response: Response, wanted: number): Promise<string> {
  const text = await response.text();
  if (response.status === wanted) return text;
  throw new Error(`${new URL(response.url).pathname} answered ${response.status}: ${text}`);
}
