// The widget as a visitor uses it, found by its accessible names and never by its classes.
import { expect, type FrameLocator, type Locator, type Page } from "@playwright/test";

/** The answers to the pre-chat form of a new site. */
export const VISITOR = { name: "Ada Lovelace", email: "ada@example.com", question: "Is it raining?" };
const LABELS = { name: "Your name", email: "Your e-mail", question: "How can we help?" };
export type FieldName = keyof typeof LABELS;
export const FIELDS: FieldName[] = ["name", "email", "question"];

export class Widget {
  readonly launcher: Locator;
  readonly hello: Locator;
  readonly start: Locator;
  readonly log: Locator;
  readonly message: Locator;
  readonly send: Locator;
  readonly menu: Locator;
  readonly minimise: Locator;
  readonly again: Locator;

  /** `frame` holds the chat document: the iframe, or the page itself when it was opened by a link. */
  constructor(
    readonly page: Page,
    readonly frame: FrameLocator | Page = page.frameLocator('iframe[title="Chat"]'),
  ) {
    this.launcher = page.getByRole("button", { name: /^(Open|Close) chat/ });
    this.hello = frame.getByRole("button", { name: "Start a conversation" });
    this.start = frame.getByRole("button", { name: "Start chat" });
    this.log = frame.getByRole("log", { name: "Conversation" });
    this.message = frame.getByRole("textbox", { name: "Message", exact: true });
    this.send = frame.getByRole("button", { name: "Send", exact: true });
    this.menu = frame.getByRole("button", { name: "Menu" });
    this.minimise = frame.getByRole("button", { name: "Minimise chat" });
    this.again = frame.getByRole("button", { name: "Start again" });
  }

  async open(): Promise<void> {
    await this.launcher.click();
  }

  field(name: FieldName): Locator {
    return this.frame.getByRole("textbox", { name: LABELS[name] });
  }

  async fillIn(answers: Record<FieldName, string> = VISITOR): Promise<void> {
    for (const name of FIELDS) await this.field(name).fill(answers[name]);
  }

  /** From the launcher to the place in the queue. */
  async ask(): Promise<void> {
    await this.open();
    await this.hello.click();
    await this.fillIn();
    await this.start.click();
  }

  async say(text: string): Promise<void> {
    await this.message.fill(text);
    await this.send.click();
    await this.hears(text);
  }

  async hears(text: string): Promise<void> {
    await expect(this.log.getByText(text, { exact: true })).toBeVisible();
  }

  /** The markers like `v1` and `a12` in the transcript, in its order. */
  async marks(): Promise<string[]> {
    return marks(this.log);
  }

  async end(): Promise<void> {
    await this.menu.click();
    await this.frame.getByRole("menuitem", { name: "End chat" }).click();
  }
}

/** The paths of the later loaded files that the chat fetches from now on, in their order. */
export function fetchedLater(page: Page): string[] {
  const fetched: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/chat/later/")) fetched.push(pathname);
  });
  return fetched;
}

/** Reads text nodes: rows far outside of the viewport are not laid out, and have no inner text. */
export async function marks(log: Locator): Promise<string[]> {
  const words = await log.evaluate((log) => {
    const texts = document.createTreeWalker(log, NodeFilter.SHOW_TEXT);
    const all: string[] = [];
    while (texts.nextNode()) all.push(texts.currentNode.nodeValue ?? "");
    return all.join("\n");
  });
  return words.match(/\b[va]\d+\b/g) ?? [];
}
