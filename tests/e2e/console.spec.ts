// Everything that an agent can send from the console, and the answers, toggles and files that come back.
// The visitor is in a browser, too.
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { bringAxe, expectNoViolations } from "./harness/axe";
import type { AgentConsole } from "./harness/console";
import type { Endpoint } from "./harness/endpoint";
import { PICTURE } from "./harness/picture";
import type { Site } from "./harness/site";
import { expect, test } from "./harness/test";
import type { Widget } from "./harness/widget";

test.beforeEach(async ({ agentConsole }) => bringAxe(agentConsole.page.context()));

/** The demo shop's settings, with something of everything; both are in the chat afterwards. */
async function meet(page: Page, site: Site, endpoint: Endpoint, widget: Widget, agentConsole: AgentConsole): Promise<void> {
  const shop = await readFile("embed/demo.toml", "utf8");
  await endpoint.configure(shop.replaceAll("{{here}}", endpoint.url));
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await expect(widget.message).toBeVisible();
}

async function send(agentConsole: AgentConsole, group: string, name: RegExp | string): Promise<void> {
  await agentConsole.page.getByRole("button", { name: "Send cards, forms and more" }).click();
  await agentConsole.page.getByRole("group", { name: group }).getByRole("button", { name }).click();
  // It closes by itself, and the agent goes on writing.
  await expect(agentConsole.page.getByRole("dialog", { name: "Send cards, forms and more" })).toHaveCount(0);
  await expect(agentConsole.reply).toBeFocused();
}

test("an agent finds a canned reply by its shortcut, and the visitor sees it formatted", async ({ page, site, endpoint, widget, agentConsole }) => {
  await meet(page, site, endpoint, widget, agentConsole);
  await agentConsole.reply.pressSequentially("/ho");
  const found = agentConsole.page.getByRole("listbox", { name: "Canned replies" }).getByRole("option");
  await expect(found).toHaveCount(1);
  await expect(found).toContainText("/hours");
  await expectNoViolations(agentConsole.page, "canned replies");
  await agentConsole.page.keyboard.press("Enter");
  await expect(agentConsole.reply).toHaveValue(/Thursday to Saturday/);
  await agentConsole.page.keyboard.press("Enter");
  await expect(widget.log.locator("strong", { hasText: "Thursday to Saturday, 10 to 17" })).toBeVisible();
});

test("an agent sees live which buttons of cards the visitor presses", async ({ page, site, endpoint, widget, agentConsole }) => {
  await meet(page, site, endpoint, widget, agentConsole);
  await agentConsole.page.getByRole("button", { name: "Send cards, forms and more" }).click();
  await expect(agentConsole.page.getByRole("group", { name: "Forms" })).toBeVisible();
  await expectNoViolations(agentConsole.page, "what is ready to be sent");
  await agentConsole.page.keyboard.press("Escape");
  await expect(agentConsole.page.getByRole("button", { name: "Send cards, forms and more" })).toBeFocused();
  await send(agentConsole, "Cards and replies", /^Three pots/);

  const cup = widget.log.getByRole("group", { name: "Morning cup" });
  await expect(cup.getByRole("img", { name: "A cup with moss glaze" })).toBeVisible();
  await cup.getByRole("button", { name: "Like" }).click();
  const liked = agentConsole.log.getByRole("listitem").filter({ hasText: "Morning cup" }).getByText("Pressed by Ada Lovelace");
  await expect(liked).toHaveCount(1);
  await cup.getByRole("button", { name: "Like" }).click();
  await expect(liked).toHaveCount(0);
  await cup.getByRole("button", { name: "I take the cup" }).click();
  await agentConsole.hears("I take the cup");
  await expect(agentConsole.log.getByText("Chosen by a button:")).toHaveCount(1);
  await expectNoViolations(agentConsole.page, "cards and what was chosen");
});

test("an agent sends quick replies and a sticker", async ({ page, site, endpoint, widget, agentConsole }) => {
  await meet(page, site, endpoint, widget, agentConsole);
  await send(agentConsole, "Cards and replies", /^As a gift/);
  await widget.log.getByRole("button", { name: "Yes, please" }).click();
  await expect(agentConsole.log.getByText("Yes, please", { exact: true }).last()).toBeVisible();
  await expect(agentConsole.log.getByText("Chosen by a button:")).toHaveCount(1);
  await send(agentConsole, "Cards and replies", /^A cup for you/);
  const sticker = agentConsole.log.getByRole("img", { name: "A cup" });
  await agentConsole.insist(sticker);
  await expect(widget.log.getByRole("img", { name: "A cup" })).toBeVisible();
  await expect.poll(async () => (await sticker.boundingBox())?.width).toBe(128);
  await expectNoViolations(agentConsole.page, "quick replies and a sticker");
});

test("an agent sends a form, and sees the answers", async ({ page, site, endpoint, widget, agentConsole }) => {
  await meet(page, site, endpoint, widget, agentConsole);
  await send(agentConsole, "Forms", /^A pot made to order/);
  const form = widget.log.getByRole("form");
  await form.getByRole("textbox", { name: /^Who is it for/ }).fill("Charles");
  await form.getByRole("combobox", { name: /^Which pot/ }).selectOption("Milk jug");
  await form.getByRole("radio", { name: "Large" }).check();
  await form.getByRole("checkbox", { name: "Moss" }).check();
  await form.getByRole("checkbox", { name: "Rust" }).check();
  await form.getByRole("combobox", { name: /^Who should throw it/ }).selectOption("Ines");
  await form.getByRole("button", { name: "Send answers" }).click();
  for (const answer of ["Charles", "Milk jug", "Large", "Moss, Rust", "Ines"]) await agentConsole.hears(answer);
  await expectNoViolations(agentConsole.page, "a form and its answers");
});

test("an agent sends files by button, drop and paste, sees thumbnails, and requests a file", async ({ page, site, endpoint, widget, agentConsole }) => {
  await meet(page, site, endpoint, widget, agentConsole);
  const [chooser] = await Promise.all([
    agentConsole.page.waitForEvent("filechooser"),
    agentConsole.page.getByRole("button", { name: "Send files" }).click(),
  ]);
  await chooser.setFiles([
    { name: "glaze.png", mimeType: "image/png", buffer: PICTURE },
    { name: "prices.txt", mimeType: "text/plain", buffer: Buffer.from("all the same") },
  ]);
  await expect(widget.log.getByRole("button", { name: "Show picture: glaze.png" })).toBeVisible();
  await expect(widget.log.getByRole("link", { name: "prices.txt" })).toBeVisible();
  await expect(agentConsole.log.getByRole("img", { name: "glaze.png" })).toBeVisible();

  for (const how of ["drop", "paste"]) {
    await agentConsole.reply.evaluate((field, how) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["words"], `${how}.txt`, { type: "text/plain" }));
      const about = { bubbles: true, cancelable: true };
      if (how === "paste") field.dispatchEvent(new ClipboardEvent("paste", { ...about, clipboardData: transfer }));
      else for (const type of ["dragover", "drop"]) field.dispatchEvent(new DragEvent(type, { ...about, dataTransfer: transfer }));
    }, how);
    await expect(widget.log.getByRole("link", { name: `${how}.txt` })).toBeVisible();
  }

  await test.step("an upload can be cancelled, and a failed upload retried", async () => {
    const address = "**/upload_file";
    await agentConsole.page.route(address, () => undefined);
    await agentConsole.page.locator("input[type=file]").setInputFiles({ name: "never.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
    const going = agentConsole.page.getByRole("list", { name: "Files on their way" });
    await expect(going.getByText("never.txt").first()).toBeVisible();
    await expectNoViolations(agentConsole.page, "a file on its way");
    await going.getByRole("button", { name: /^Do not send/ }).click();
    await expect(going).toHaveCount(0);
    await agentConsole.page.unroute(address);
    await agentConsole.page.route(address, (route) => route.abort());
    await agentConsole.page.locator("input[type=file]").setInputFiles({ name: "again.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
    await expect(going.getByText(/^Not sent/)).toBeVisible();
    await agentConsole.page.unroute(address);
    await going.getByRole("button", { name: /^Try again/ }).click();
    await expect(widget.log.getByRole("link", { name: "again.txt" })).toBeVisible();
    await expect(widget.log.getByText("never.txt")).toHaveCount(0);
  });

  await test.step("the agent requests a file from the visitor", async () => {
    await agentConsole.page.getByRole("button", { name: "Send cards, forms and more" }).click();
    await agentConsole.page.getByRole("button", { name: "Ask the visitor for a file" }).click();
    await expect(widget.log.getByText("We would like a file from you", { exact: false })).toBeVisible();
    await widget.frame.locator("input[type=file]").setInputFiles({ name: "shelf.png", mimeType: "image/png", buffer: PICTURE });
    await expect(agentConsole.log.getByRole("img", { name: "shelf.png" })).toBeVisible();
  });
  await expectNoViolations(agentConsole.page, "files");
});

test("tags can be added and removed, and are stored", async ({ page, site, endpoint, widget, agentConsole }) => {
  await meet(page, site, endpoint, widget, agentConsole);
  const field = agentConsole.page.getByRole("textbox", { name: "Add a tag" });
  for (const tag of ["gift", "glaze"]) {
    await field.fill(tag);
    await agentConsole.page.keyboard.press("Enter");
  }
  const tags = agentConsole.page.getByRole("list", { name: "Tags" }).getByRole("listitem");
  await expect(tags).toHaveCount(2);
  await agentConsole.page.getByRole("button", { name: "Remove the tag gift" }).click();
  await expect(tags).toHaveCount(1);
  await expect(field).toBeFocused();
  await expectNoViolations(agentConsole.page, "tags");
  // It is kept, not only shown.
  await agentConsole.page.reload();
  await agentConsole.mine.getByRole("button").first().click();
  await expect(tags).toHaveText(/glaze/);
});

test("a private note is marked, and the visitor does not get it", async ({ page, site, endpoint, widget, agentConsole }) => {
  await meet(page, site, endpoint, widget, agentConsole);
  await agentConsole.note.click();
  await expect(agentConsole.note).toHaveAttribute("aria-pressed", "true");
  await agentConsole.say("a note, not a reply");
  await expect(agentConsole.log.getByText("Only agents see this")).toBeVisible();
  await expectNoViolations(agentConsole.page, "a private note");
  await agentConsole.note.click();
  await agentConsole.say("a1 a reply");
  await widget.hears("a1 a reply");
  await expect(widget.log.getByText("a note, not a reply")).toHaveCount(0);
});

test("the console displays the rating and the answers to the post-chat form", async ({ page, site, endpoint, widget, agentConsole }) => {
  await meet(page, site, endpoint, widget, agentConsole);
  await agentConsole.say("a1 good bye");
  await widget.hears("a1 good bye");
  await widget.end();
  await widget.frame.getByRole("button", { name: "Good" }).click();
  await widget.frame.getByRole("radio", { name: "Not yet" }).check();
  await widget.frame.getByRole("button", { name: "Send answers" }).click();
  await agentConsole.hears("Not yet");
  await expect(agentConsole.log.getByText(/Ada Lovelace.*good/i).first()).toBeVisible();
  await expectNoViolations(agentConsole.page, "after the chat");
});
