// A visitor's program that survives outages, as a careful client of the visitor API does: it repeats an
// unanswered request under the same number, reconnects on 503, and keeps its transcript by event ids.
import { setTimeout as pause } from "node:timers/promises";
import type { Endpoint } from "./endpoint";

/** The pause between two requests to an endpoint that does not listen. */
const PAUSE_MS = 200;

interface Told {
  type: string;
  message: { eventId?: string; text?: string; chatMessages?: Told["message"][] };
}

export class SteadyCaller {
  handOvers = 0;
  private readonly texts = new Map<string, string>();
  private id = "";
  private key = "";
  private affinity = "null";
  private ack = -1;
  private offset = 0;
  private number = 0;
  private ended = false;
  private polling: Promise<void> | null = null;

  constructor(private readonly endpoint: Endpoint) {}

  /** Requests a chat, and polls from then on. */
  async ask(name: string): Promise<void> {
    const session = await this.insist(() => this.call("System/SessionId"));
    const { id, key, affinityToken } = JSON.parse(await session.text());
    [this.id, this.key, this.affinity] = [id, key, affinityToken];
    const { organizationId, deploymentId, buttonId } = this.endpoint.installation;
    await this.post("Chasitor/ChasitorInit", {
      ...{ organizationId, deploymentId, buttonId, sessionId: this.id, visitorName: name },
      ...{ userAgent: "steady", language: "en-US", screenResolution: "1280x800" },
      ...{ prechatDetails: [], prechatEntities: [], receiveQueueUpdates: true, isPost: true },
    });
    this.polling = this.listen();
  }

  async say(text: string): Promise<void> {
    const answer = await this.post("Chasitor/ChatMessage", { text, customId: crypto.randomUUID() });
    this.texts.set(answer.headers.get("x-chat-event-id") ?? "", text);
  }

  /** The messages of both sides, in the order of the log. */
  said(): string[] {
    const place = (id: string) => Number(id.split("_")[1]);
    const entries = [...this.texts].sort(([one], [other]) => place(one) - place(other));
    return entries.map(([, text]) => text);
  }

  async hangUp(): Promise<void> {
    this.ended = true;
    await this.post("Chasitor/ChatEnd", { reason: "client" });
    await this.polling;
  }

  private async post(resource: string, body: object): Promise<Response> {
    let [token, number] = ["", 0];
    for (;;) {
      // Numbered anew after a hand-over; what was done already is known by its `customId`.
      if (token !== this.affinity) [token, number] = [this.affinity, ++this.number];
      const answer = await this.insist(() => this.call(resource, { number, body }));
      if (answer.status === 200) return answer;
      await answer.text();
      // The one who listens hands over.
      while (token === this.affinity) await pause(PAUSE_MS / 4);
    }
  }

  private async listen(): Promise<void> {
    while (!this.ended) {
      const answer = await this.insist(() => this.call(`System/Messages?ack=${this.ack}`));
      if (answer.status === 503) await this.handOver();
      else await this.take(answer);
    }
  }

  private async handOver(): Promise<void> {
    this.handOvers++;
    const asked = `System/ReconnectSession?ReconnectSession.offset=${this.offset}`;
    for (;;) {
      const answer = await this.insist(() => this.call(asked, { affinity: "null" }));
      const affinity = JSON.parse(await answer.text()).messages[0].message.affinityToken;
      this.ack = -1;
      const data = await this.insist(() => this.call("System/Messages?ack=-1", { affinity }));
      if (data.status === 503) continue;
      await this.take(data);
      const { organizationId } = this.endpoint.installation;
      const resync = { affinity, number: 1, body: { organizationId } };
      const done = await this.insist(() => this.call("Chasitor/ChasitorResyncState", resync));
      if (done.status === 503) continue;
      await done.text();
      [this.affinity, this.number] = [affinity, 1];
      return;
    }
  }

  private async take(answer: Response): Promise<void> {
    const text = await answer.text();
    if (answer.status === 204) return;
    const { messages, sequence, offset }: { messages: Told[]; sequence: number; offset: number } =
      JSON.parse(text);
    [this.ack, this.offset] = [sequence, offset];
    for (const { type, message } of messages) {
      if (type === "ChatEnded" || type === "ChatRequestFail") this.ended = true;
      for (const { eventId, text } of [message, ...(message.chatMessages ?? [])])
        if (eventId && text !== undefined) this.texts.set(eventId, text);
    }
  }

  private call(
    resource: string,
    { affinity = this.affinity, number, body }: { affinity?: string; number?: number; body?: object } = {},
  ): Promise<Response> {
    return fetch(`${this.endpoint.url}/chat/rest/${resource}`, {
      method: body ? "POST" : "GET",
      headers: {
        "x-liveagent-api-version": "56",
        "x-liveagent-affinity": affinity,
        ...(this.key && { "x-liveagent-session-key": this.key }),
        ...(number && { "x-liveagent-sequence": String(number) }),
      },
      body: body && JSON.stringify(body),
    });
  }

  /** Repeats a request until it is answered. Any status but 200, 204 and 503 fails the test. */
  private async insist(what: () => Promise<Response>): Promise<Response> {
    return insist(async () => {
      const answer = await what();
      // The body too: it may be cut.
      const text = await answer.text();
      const { status, headers } = answer;
      if (![200, 204, 503].includes(status)) throw new Error(`${answer.url} answered ${status}: ${text}`);
      return new Response(status === 204 ? null : text, { status, headers });
    });
  }
}

/** Repeats a request as long as there is no connection. */
export async function insist<Answer>(what: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await what();
    } catch (error) {
      // What `fetch` throws when there is no connection, or none any more.
      if (!(error instanceof TypeError)) throw error;
      await pause(PAUSE_MS);
    }
  }
}
