// Pictures of every stage, for people to look at: `target/screenshots/<stage>-<device>-<scheme>.png`.
// A machine checks one thing in each: nothing is wider than the document, or than what scrolls or clips it.
import { readFile } from "node:fs/promises";
import type { Locator } from "@playwright/test";
import { chatFrame } from "./harness/axe";
import { AgentConsole } from "./harness/console";
import { expectNoOverflow, expectOverflowIsFound } from "./harness/overflow";
import { PICTURE } from "./harness/picture";
import { expect, test } from "./harness/test";
import { VISITOR, Widget } from "./harness/widget";

interface Templates {
  rich_messages: { event: object }[];
  forms: { event: object }[];
}

const DEVICES = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
};

for (const [device, viewport] of Object.entries(DEVICES)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${device}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test("the widget in the demo shop", async ({ page, endpoint, widget, agent }) => {
        const shoot = async (stage: string, ...inside: Locator[]) => {
          if (stage !== "launcher") await expectNoOverflow(chatFrame(page), stage, inside);
          const path = `target/screenshots/${stage}-${device}-${colorScheme}.png`;
          await page.screenshot({ path, animations: "disabled" });
        };
        await page.goto(`${endpoint.url}/demo/`);
        await expectNoOverflow(page, "the demo page");
        await expect(widget.launcher).toBeVisible();
        await shoot("launcher");
        await widget.open();
        await expect(widget.hello).toBeVisible();
        await shoot("hello", widget.hello);
        await widget.hello.click();
        await expect(widget.start).toBeVisible();
        await shoot("prechat", widget.field("name"));
        await widget.start.click();
        await expect(widget.field("name")).toHaveAttribute("aria-invalid", "true");
        await shoot("prechat-errors", widget.field("name"));
        await widget.fillIn();
        await widget.start.click();
        await expect.poll(async () => (await agent.waiting()).length).toBe(1);
        await expect(widget.start).toBeHidden();
        await shoot("waiting");
        const chat = await agent.acceptNext();
        await agent.say(chat, "Good morning Ada! Yes, it is raining here, but the shop is dry.");
        await agent.say(chat, "Opening hours are at https://example.com/hours");
        await widget.hears("Good morning Ada! Yes, it is raining here, but the shop is dry.");
        await widget.say("Then I will come by this afternoon.");
        await widget.say("Do you have the blue pot in two sizes? I would like to put one beside the other on the window sill, if they are not too heavy.");
        await shoot("chatting", widget.log);
        await expectOverflowIsFound(chatFrame(page), widget.log);
        const messages = "**/Chasitor/ChatMessage*";
        await page.route(messages, (route) => route.fulfill({ status: 429, headers: { "retry-after": "5" } }));
        await widget.message.fill("And a saucer?");
        await widget.send.click();
        await expect(widget.frame.getByText("Very busy right now.", { exact: false })).toBeVisible();
        await shoot("busy", widget.log);
        await page.unroute(messages);
        await agent.hears(chat, "And a saucer?");
        await widget.menu.click();
        await expect(widget.frame.getByRole("menuitem", { name: "End chat" })).toBeVisible();
        await shoot("menu");
        await widget.frame.getByRole("menuitem", { name: "End chat" }).click();
        await expect(widget.again).toBeVisible();
        await shoot("ended", widget.log);
      });

      test("the message form in the demo shop", async ({ page, endpoint, widget, agent }) => {
        const shoot = async (stage: string, ...inside: Locator[]) => {
          await expectNoOverflow(chatFrame(page), stage, inside);
          const path = `target/screenshots/${stage}-${device}-${colorScheme}.png`;
          await page.screenshot({ path, animations: "disabled" });
        };
        await agent.action("set_routing_status", { status: "not_accepting_chats" });
        await page.goto(`${endpoint.url}/demo/`);
        await widget.open();
        const leave = widget.frame.getByRole("button", { name: "Leave a message" });
        await expect(leave).toBeVisible();
        await shoot("offline-hello", leave);
        await leave.click();
        await shoot("offline-form", widget.message);
        const submit = widget.frame.getByRole("button", { name: "Send message" });
        await submit.click();
        await expect(widget.message).toHaveAttribute("aria-invalid", "true");
        await shoot("offline-errors", widget.message);
        await widget.fillIn();
        await widget.message.fill("Is the blue pot back?");
        await submit.click();
        await expect(widget.frame.getByText("We have your message")).toBeVisible();
        await shoot("offline-left", widget.log);
      });

      test("the console", async ({ browser, page, endpoint, site, widget }) => {
        const context = await browser.newContext({ viewport, colorScheme });
        const agentConsole = new AgentConsole(await context.newPage(), endpoint);
        const shoot = async (stage: string, ...inside: Locator[]) => {
          await expectNoOverflow(agentConsole.page, `console, ${stage}`, inside);
          const path = `target/screenshots/console-${stage}-${device}-${colorScheme}.png`;
          await agentConsole.page.screenshot({ path, animations: "disabled" });
        };
        await agentConsole.visit();
        await expect(agentConsole.page.getByRole("button", { name: "Sign in" })).toBeVisible();
        await shoot("sign-in");
        await agentConsole.signIn();
        await shoot("empty");
        await page.goto(site.address("plain"));
        await widget.ask();
        await expect(agentConsole.waiting.getByRole("listitem")).toHaveCount(1);
        await shoot("waiting", agentConsole.waiting);
        await agentConsole.acceptNext();
        await agentConsole.say("Good morning! How can I help?");
        await widget.hears("Good morning! How can I help?");
        await widget.say("Is the blue pot still there?");
        await agentConsole.hears("Is the blue pot still there?");
        await shoot("conversation", agentConsole.log);
        await expectOverflowIsFound(agentConsole.page, agentConsole.log);
        await context.close();
      });
    });
  }
}

/** Ways of looking: media, width, size of text. */
const LOOKS = [
  { name: "light", media: { colorScheme: "light" }, width: 400 },
  { name: "dark", media: { colorScheme: "dark" }, width: 400 },
  { name: "forced-colours", media: { colorScheme: "dark", forcedColors: "active" }, width: 400 },
  { name: "narrow", media: { colorScheme: "light" }, width: 320 },
  { name: "large-text", media: { colorScheme: "light" }, width: 400, text: "200%" },
] as const;

test("every kind of message: light, dark, in forced colours, narrow and with large text", async ({ page, browser, endpoint, agent }) => {
  test.setTimeout(180_000);
  const shop = await readFile("embed/demo.toml", "utf8");
  await endpoint.configure(shop.replaceAll("{{here}}", endpoint.url));
  const { deploymentId, buttonId } = endpoint.installation;
  await page.setViewportSize({ width: 400, height: 4600 });
  await page.goto(`${endpoint.url}/chat/?deployment=${deploymentId}&button=${buttonId}`);
  const widget = new Widget(page, page);
  await widget.hello.click();
  await widget.field("name").fill(VISITOR.name);
  await widget.field("email").fill(VISITOR.email);
  await widget.field("question").fill(VISITOR.question);
  await widget.start.click();
  const chat = await agent.acceptNext();
  await widget.say("Good morning! Which pots have you got?");

  const templates = await agent.action<Templates>("list_templates", {});
  for (const { event } of templates.rich_messages) await agent.send(chat, event);
  await widget.log.getByRole("button", { name: "Like", exact: true }).first().click();
  await widget.log.getByRole("button", { name: "I take the jug" }).click();
  await agent.say(chat, "Here is **all** of it:\n\n# Pots\n\n- *moss*, `tide`\n- [rust](https://example.com)\n\n1. one\n2. two\n\n> Said before\n\n```\nas it is\n```\n\nand ~~more~~ at https://example.com/a-very-long-address/that-does-not-fit/into-any-line-whatever-one-does");
  await agent.say(chat, "👍🏽");
  await widget.frame.locator("input[type=file]").setInputFiles([
    { name: "A list of what I would like, with a long name.txt", mimeType: "text/plain", buffer: Buffer.from("cups") },
    { name: "hat.png", mimeType: "image/png", buffer: PICTURE },
    { name: "bad.html", mimeType: "text/html", buffer: Buffer.from("<p>") },
  ]);
  await agent.sees(chat, ({ name }) => name === "hat.png", "the picture");
  const [mail, order] = templates.forms;
  await agent.send(chat, mail?.event ?? {});
  await widget.log.getByRole("textbox", { name: "Where can we write to you?" }).fill("ada@example.com");
  await widget.log.getByRole("button", { name: "Send answers" }).click();
  await agent.send(chat, order?.event ?? {});
  await widget.log.getByRole("button", { name: "Send answers" }).click();
  await agent.send(chat, { type: "custom", content: { order: 7 } });
  await agent.send(chat, { type: "system_message", system_message_type: "chat_transferred", text: "{agent} has taken over", text_vars: { agent: "Bea" } });
  await agent.say(chat, "مرحبا! كيف يمكنني مساعدتك؟");
  await widget.hears("مرحبا! كيف يمكنني مساعدتك؟");

  await agent.say(chat, "**شكرا** لكم على انتظاركم، وصلت الأباريق الجديدة من الفرن هذا الصباح\n\n- أباريق\n- أكواب");
  await agent.say(chat, "الأباريق الزرقاء كبيرة قليلا، ولكنها تناسب النافذة تماما كما وصفتها لنا أمس.");
  // Whichever way it is written, what the visitor says stands on their side.
  await widget.say("شكرا!");
  const ends = await widget.log.getByText(/^(شكرا!|Good morning! Which pots have you got\?)$/).evaluateAll((all) => all.map((it) => it.getBoundingClientRect().right));
  expect(ends).toHaveLength(2);
  expect(ends[1]).toBe(ends[0]);

  const agentConsole = new AgentConsole(await (await browser.newContext()).newPage(), endpoint);
  await agentConsole.signIn();
  await agentConsole.mine.getByRole("button").first().click();
  await expect(agentConsole.log.getByText("Bea has taken over")).toBeVisible();
  for (const { name, media, width, ...more } of LOOKS) {
    for (const [who, where, wide] of [["kinds", page, width], ["console-kinds", agentConsole.page, width === 320 ? 320 : 1280]] as const) {
      await where.emulateMedia({ forcedColors: "none", ...media });
      await where.setViewportSize({ width: wide, height: who === "kinds" ? 4600 : 3200 });
      await where.evaluate((size) => document.documentElement.style.setProperty("font-size", size), "text" in more ? more.text : "");
      await expectNoOverflow(where, `${who}, ${name}`, [who === "kinds" ? widget.log : agentConsole.log]);
      await where.screenshot({ path: `target/screenshots/${who}-${name}.png` });
    }
  }
  await agentConsole.page.context().close();
});
