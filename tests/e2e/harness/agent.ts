// An agent's program: calls the agent actions over HTTP, with a token.
import { expect } from "@playwright/test";
import type { Endpoint } from "./endpoint";

export interface ChatEvent {
  id: string;
  type: string;
  text?: string;
  author_id: string;
  visibility?: string;
  postback?: { id: string; event_id: string };
  elements?: { buttons?: { postback_id: string; user_ids: string[] }[] }[];
  fields?: { label: string; answer?: unknown; answers?: unknown[] }[];
  name?: string;
  content_type?: string;
  width?: number;
  thumbnail_url?: string;
  content?: unknown;
  system_message_type?: string;
}

export interface ChatSummary {
  id: string;
  users: { id: string; type: string; name?: string; present?: boolean }[];
  last_thread_summary?: { id: string; active: boolean };
}

interface ChatPage {
  chats_summary: ChatSummary[];
  next_page_id?: string;
}

export class Agent {
  constructor(
    private readonly endpoint: Endpoint,
    private readonly token = endpoint.installation.agentToken,
    readonly id = endpoint.installation.agentId,
  ) {}

  async action<Answer>(name: string, body: object): Promise<Answer> {
    const response = await fetch(`${this.endpoint.url}/v3.6/agent/action/${name}`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${name} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  /** Open chats that no agent has accepted, from all pages of the list. */
  async waiting(): Promise<ChatSummary[]> {
    const all: ChatSummary[] = [];
    let page: object | null = { filters: { include_active: true }, limit: 100 };
    while (page) {
      const answer: ChatPage = await this.action("list_chats", page);
      all.push(...answer.chats_summary);
      page = answer.next_page_id ? { page_id: answer.next_page_id } : null;
    }
    return all.filter(
      (chat) =>
        chat.last_thread_summary?.active &&
        !chat.users.some((user) => user.type === "agent" && user.present !== false),
    );
  }

  async accept(chat: string): Promise<void> {
    await this.action("add_user_to_chat", {
      chat_id: chat,
      user_id: this.id,
      user_type: "agent",
      visibility: "all",
      ignore_requester_presence: true,
    });
  }

  /** Waits for a visitor and accepts the chat; returns its id. */
  async acceptNext(): Promise<string> {
    let chat: ChatSummary | undefined;
    await expect
      .poll(async () => (chat = (await this.waiting())[0])?.id, { message: "a visitor waits" })
      .toBeDefined();
    const { id } = chat as ChatSummary;
    await this.accept(id);
    return id;
  }

  async say(chat: string, text: string, visibility: "all" | "agents" = "all"): Promise<string> {
    const event = { type: "message", text, visibility };
    const answer = await this.action<{ event_id: string }>("send_event", { chat_id: chat, event });
    return answer.event_id;
  }

  /** Sends an event of any kind; returns its id. */
  async send(chat: string, event: object): Promise<string> {
    const answer = await this.action<{ event_id: string }>("send_event", { chat_id: chat, event });
    return answer.event_id;
  }

  /** Waits for an event that fits, and returns it. */
  async sees(chat: string, fits: (event: ChatEvent) => boolean, what: string): Promise<ChatEvent> {
    let found: ChatEvent | undefined;
    await expect
      .poll(async () => (found = (await this.events(chat)).find(fits)) !== undefined, { message: what })
      .toBe(true);
    return found as ChatEvent;
  }

  async events(chat: string): Promise<ChatEvent[]> {
    const answer = await this.action<{ thread: { events: ChatEvent[] } }>("get_chat", {
      chat_id: chat,
    });
    return answer.thread.events;
  }

  /** The texts of all messages so far, in the order of the log. */
  async said(chat: string): Promise<string[]> {
    const messages = (await this.events(chat)).filter((event) => event.type === "message");
    return messages.map((event) => event.text ?? "");
  }

  async hears(chat: string, text: string, patience?: { timeout: number }): Promise<void> {
    const options = { message: `the agent hears "${text}"`, ...patience };
    await expect.poll(() => this.said(chat), options).toContain(text);
  }

  async end(chat: string): Promise<void> {
    await this.action("deactivate_chat", { id: chat, ignore_requester_presence: true });
  }
}
