// The agents' console in a browser context of its own, found by its accessible names.
import { expect, type Locator, type Page } from "@playwright/test";
import { type Endpoint, PASSWORD } from "./endpoint";
import { marks } from "./widget";

export class AgentConsole {
  readonly waiting: Locator;
  readonly mine: Locator;
  readonly team: Locator;
  readonly accept: Locator;
  readonly log: Locator;
  readonly reply: Locator;
  readonly send: Locator;
  readonly note: Locator;
  readonly takeOver: Locator;
  readonly join: Locator;
  readonly transfer: Locator;
  readonly end: Locator;

  constructor(
    readonly page: Page,
    private readonly endpoint: Endpoint,
  ) {
    this.waiting = page.getByRole("list", { name: "Waiting" });
    this.mine = page.getByRole("list", { name: "Mine" });
    this.team = page.getByRole("list", { name: "Team" });
    this.accept = page.getByRole("button", { name: "Accept" });
    this.log = page.getByRole("log", { name: "Conversation" });
    this.reply = page.getByRole("textbox", { name: "Reply" });
    this.send = page.getByRole("button", { name: "Send", exact: true });
    this.note = page.getByRole("button", { name: "Private note" });
    this.takeOver = page.getByRole("button", { name: "Take over" });
    this.join = page.getByRole("button", { name: "Join" });
    this.transfer = page.getByRole("button", { name: "Transfer" });
    this.end = page.getByRole("button", { name: "End chat" });
  }

  async visit(): Promise<void> {
    await this.page.goto(`${this.endpoint.publicUrl ?? this.endpoint.url}/agent/`);
  }

  async signIn(email = this.endpoint.email): Promise<void> {
    await this.visit();
    await this.page.getByRole("textbox", { name: "Email" }).fill(email);
    await this.page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await expect(this.waiting).toBeVisible();
  }

  /** Waits for a visitor and accepts the chat. */
  async acceptNext(): Promise<void> {
    await this.waiting.getByRole("button").first().click();
    await this.accept.click();
    await expect(this.reply).toBeVisible();
  }

  /** Ends the chat for both, and confirms it. */
  async endChat(): Promise<void> {
    await this.end.click();
    const sure = this.page.getByRole("group", { name: "End this chat for both?" });
    await sure.getByRole("button", { name: "End chat" }).click();
    await expect(this.reply).toBeHidden();
  }

  async say(text: string): Promise<void> {
    await this.reply.fill(text);
    await this.send.click();
    await this.insist(this.log.getByText(text, { exact: true }));
    await this.hears(text);
  }

  /** A reply to a message that is no longer the newest is held, and sent by "Send anyway". */
  async insist(said: Locator): Promise<void> {
    await expect(said).toBeVisible();
    const anyway = this.page.getByRole("button", { name: "Send anyway" });
    if (await anyway.isVisible()) await anyway.click();
  }

  async hears(text: string): Promise<void> {
    await expect(this.log.getByText(text, { exact: true })).toBeVisible();
  }

  async marks(): Promise<string[]> {
    return marks(this.log);
  }
}
