// A visitor who is a program: the visitor API over HTTP as its documentation tells it, with one
// poll at a time, acknowledged.
import type { Endpoint } from "./endpoint";

export interface Message {
  type: string;
  message: Record<string, unknown>;
}

export class Caller {
  private ack = -1;
  private sequence = 0;
  private readonly pending: Message[] = [];
  /** Everything that ever came, in its order. */
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

  /** Asks for somebody to talk to; `more` goes along, or takes the place of what is usual. */
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

  /** Sends an event of any kind, or says how something is. */
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

  /** The next message of this type; those before it have been read and are gone. */
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
