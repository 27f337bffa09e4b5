// Script in every place where somebody else's words go: nothing of it runs, nothing leaves, and
// every letter stands there as it was written. On both sides: the widget and the console.
import type { Frame } from "@playwright/test";
import type { Agent } from "./harness/agent";
import { chatFrame } from "./harness/axe";
import { Caller } from "./harness/caller";
import { Net } from "./harness/net";
import { SCRIPTS, TEXTS, WORST } from "./harness/payloads";
import { expect, test } from "./harness/test";

const NAME = WORST[0] ?? "";

// A picture of so large a document after each step would take longer than the steps.
test.use({ trace: "off" });
test.describe.configure({ timeout: 180_000 });

/** No picture but the endpoint's own is asked for. */
const SETTINGS = `
[[deployment]]
markdown = true
asks_rating = true
image_origins = ["https://pictures.example"]
[deployment.files]
types = ["text/plain"]
`;

function inTens<T>(all: T[], size = 10): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size));
}

/** Letters that a text may lose at its ends. */
const bare = (text: string) => text.replace(/^[\s\u0000-\u001f]+|[\s\u0000-\u001f]+$/gu, "");

/** Which of the texts the document does not hold, letter by letter. */
async function missing(where: Frame, texts: string[]): Promise<string[]> {
  const whole = await where.evaluate(() => document.body.textContent ?? "");
  return texts.filter((text) => !whole.includes(bare(text)));
}

async function expectNothing(net: Net, where: Frame, what: string): Promise<void> {
  expect.soft(await net.look(where), `${what}: in the document`).toEqual([]);
  expect.soft(net.caught, `${what}: what ran or left`).toEqual([]);
}

/** Sends it; what the endpoint refuses for its form is refused in words. Says whether it went. */
async function attempt(agent: Agent, chat: string, event: object): Promise<boolean> {
  return agent.send(chat, event).then(
    () => true,
    (error: Error) => {
      expect(error.message).toMatch(/answered 400: .*"validation"/);
      return false;
    },
  );
}

test("the detector finds script that runs", async ({ page, context, site, endpoint: _ }) => {
  const net = await Net.spread(context, [site.origin]);
  await page.goto(site.address("plain"));
  // Each in a place of its own; one that leads the whole page away would take the rest with it.
  const texts = SCRIPTS.filter((text) => !/http-equiv|action=/i.test(text));
  await page.evaluate((texts) => {
    for (const text of texts) {
      const place = document.body.appendChild(document.createElement("div"));
      place.innerHTML = `<p title="${text}">${text}</p>`;
    }
  }, texts);
  const found = await net.look(page.mainFrame());
  expect(found.length).toBeGreaterThan(100);
  await expect.poll(() => net.caught.filter((it) => it.includes("alert was called")).length).toBeGreaterThan(5);
  await expect.poll(() => net.caught.filter((it) => it.includes("leak.example")).length).toBeGreaterThan(3);
});

test.describe("an agent with a name", () => {
  test.use({ agentName: NAME });

  test("script in every kind of event of an agent does not run", async ({ page, context, site, endpoint, widget, agentConsole, agent }) => {
    await endpoint.configure(SETTINGS);
    const ours = [site.origin, endpoint.url];
    const net = await Net.spread(context, ours);
    const deskNet = await Net.spread(agentConsole.page.context(), ours);
    await page.goto(site.address("plain"));
    await widget.ask();
    const chat = await agent.acceptNext();
    await expect(widget.message).toBeVisible();

    const events: object[] = [
      ...TEXTS.map((text) => ({ type: "message", text })),
      ...inTens(SCRIPTS, 20).map((some) => ({
        type: "message",
        text: some.map((it) => `- [words](${it}) ![words](${it}) <${it}> \`${it}\``).join("\n"),
      })),
      ...["cards", "quick_replies", "sticker", NAME].flatMap((template_id, which) =>
        // A template that nobody knows looks like cards: once is enough.
        inTens(which === 3 ? WORST : SCRIPTS).map((some) => ({
          type: "rich_message",
          template_id,
          elements: some.map((it, n) => ({
            title: it,
            subtitle: it,
            image: { url: n % 2 ? it : `${endpoint.url}/${it}`, name: it, alternative_text: it },
            buttons: [["url", "webview", it], ["phone", "message", "url"], []][which % 3]?.map((type) => ({
              type,
              text: it,
              value: it,
              postback_id: it.slice(0, 80),
              webview_height: "tall",
              target: it.slice(0, 80),
            })),
          })),
        })),
      ),
      ...SCRIPTS.map((it, n) => ({
        type: "file",
        url: `${endpoint.url}/${it}`,
        thumbnail_url: it,
        thumbnail2x_url: it,
        name: it,
        alternative_text: it,
        ...(n % 2 ? { content_type: "image/png", width: 40, height: 30 } : { content_type: it }),
      })),
      ...inTens(SCRIPTS, 20).map((some) => ({
        type: "form",
        form_id: some[0],
        form_type: some[1] ?? "any",
        fields: some.map((it, n) => ({
          type: ["name", "email", "question", "subject", "textarea", "checkbox", "radio", "select", "group_chooser", it][n % 10],
          id: it,
          label: it,
          required: n % 3 === 0,
          options: [{ id: it, label: it, group_id: 1 }],
        })),
      })),
      ...inTens(SCRIPTS, 20).map((some) => ({
        type: "filled_form",
        form_id: some[0],
        fields: some.map((it, n) => ({
          type: ["name", "radio", "checkbox"][n % 3],
          id: it,
          label: it,
          ...[{ answer: it }, { answer: { id: it, label: it } }, { answers: [{ id: it, label: it }] }][n % 3],
        })),
      })),
      ...inTens(SCRIPTS).map((some) => ({ type: "custom", content: Object.fromEntries(some.map((it) => [it, it])) })),
      ...SCRIPTS.map((it, n) => ({
        type: "system_message",
        system_message_type: ["poem", "routing.assigned", "chat_transferred", "agent_left", "manual_archived_agent", it][n % 6],
        text: `${it} {agent}`,
        text_vars: { agent: it, [it]: it },
      })),
      { type: "message", text: "v0 that was all" },
    ];
    let refused = 0;
    for (const some of inTens(events)) {
      for (const went of await Promise.all(some.map((event) => attempt(agent, chat, event)))) refused += went ? 0 : 1;
    }
    // What is too long for its place, or no address where one is needed.
    expect(refused).toBeLessThan(events.length / 4);

    await expect(widget.log.getByText("v0 that was all")).toBeVisible({ timeout: 60_000 });
    expect(await missing(chatFrame(page), SCRIPTS)).toEqual([]);
    await expectNothing(net, chatFrame(page), "the widget, live");

    await page.reload();
    await expect(widget.log.getByText("v0 that was all")).toBeVisible({ timeout: 60_000 });
    // A page of the conversation comes at a time.
    const earlier = widget.log.getByRole("button", { name: "Show earlier messages" });
    await expect(async () => {
      while (await earlier.isVisible()) await earlier.click({ timeout: 5_000 });
      expect(await missing(chatFrame(page), SCRIPTS)).toEqual([]);
    }).toPass({ timeout: 60_000 });
    await expectNothing(net, chatFrame(page), "the widget, after a reload");

    await agentConsole.signIn();
    await agentConsole.mine.getByRole("button").first().click();
    await expect(agentConsole.log.getByText("v0 that was all")).toBeVisible({ timeout: 60_000 });
    await expect.poll(() => missing(agentConsole.page.mainFrame(), SCRIPTS), { timeout: 60_000 }).toEqual([]);
    await expectNothing(deskNet, agentConsole.page.mainFrame(), "the console");
  });
});

test("script in everything that a visitor can send does not run", async ({ endpoint, agentConsole }) => {
  await endpoint.configure(SETTINGS);
  const net = await Net.spread(agentConsole.page.context(), [endpoint.url]);
  await agentConsole.signIn();
  // Everybody's name, and the first words that are seen of them in the list.
  const short = (text: string) => text.slice(0, 80);
  for (const some of inTens(SCRIPTS)) {
    await Promise.all(
      some.map(async (it) => {
        const caller = await Caller.call(endpoint);
        await caller.ask(short(it));
        await caller.say(it);
      }),
    );
  }
  await expect(agentConsole.waiting.getByRole("listitem")).toHaveCount(SCRIPTS.length, { timeout: 60_000 });
  expect(await missing(agentConsole.page.mainFrame(), SCRIPTS.map(short))).toEqual([]);
  await expectNothing(net, agentConsole.page.mainFrame(), "the list of who waits");

  // And a few who say all of it.
  // A session may upload thirty files at once.
  for (const [n, some] of inTens(SCRIPTS, 25).entries()) {
    const caller = await Caller.call(endpoint);
    await caller.ask(`Speaker ${n}`, {
      prechatDetails: some.map((it) => ({ label: it, value: it, transcriptFields: [it], displayToAgent: true })),
      prechatForm: {
        form_id: some[0],
        fields: some.map((it, i) => ({ type: ["question", "email", "name"][i % 3], id: it, label: it, answer: it })),
      },
      url: `https://shop.example/${some[0]}`,
      referrer: some[1],
      userAgent: some[2],
      language: some[3],
      screenResolution: some[4],
    });
    for (const it of some) {
      await caller.say(it);
      await caller.post("Visitor/Breadcrumb", { location: it });
      await caller.post("Chasitor/ChasitorSneakPeek", { position: 1, text: it });
      // A name with control characters is no name in a multipart body.
      await caller.attach(it.replace(/\p{Cc}/gu, "").slice(0, 60));
      await caller.tell(it, { [it]: it });
    }
    const pairs = inTens(some).map((ten) => ten.map((it) => ({ [short(it)]: it })));
    for (const session_fields of pairs) await caller.tell("session_fields", { session_fields });
    await caller.say("v9 that was all");
    await agentConsole.waiting.getByRole("button", { name: `Speaker ${n}` }).click();
    await expect(agentConsole.log.getByText("v9 that was all")).toBeVisible();
    expect.soft(await missing(agentConsole.page.mainFrame(), some)).toEqual([]);
    await expectNothing(net, agentConsole.page.mainFrame(), `what speaker ${n} says`);
  }
});

/** As a string of TOML. */
const quoted = (text: string) => JSON.stringify(text).replaceAll("\u007f", "\\u007f");

/** Questions of these types in turn. */
function form(types: string[]): string {
  const field = (it: string, n: number) => {
    const type = types[n % types.length] ?? "";
    const group = type === "group_chooser" ? ", group_id = 1" : "";
    const options = CHOICES.includes(type) ? `, options = [{ id = "0", label = ${quoted(it)}${group} }]` : "";
    return `{ type = "${type}", id = "${n}", label = ${quoted(it)}${options} }`;
  };
  return `fields = [${SCRIPTS.slice(0, 50).map(field).join(", ")}]`;
}

const CHOICES = ["checkbox", "radio", "select", "group_chooser"];

function settings(): string {
  return `
[[deployment]]
team_name = ${quoted(NAME)}
greeting = ${quoted(WORST.join(" "))}
asks_rating = true
[deployment.prechat]
${form(["name", "email", "question", "subject", "textarea"])}
[deployment.postchat]
${form(CHOICES)}
${SCRIPTS.map((it, n) => `
[[deployment.canned_responses]]
shortcut = ${quoted(it.replace(/[\s\p{Cc}]/gu, "") + n)}
text = ${quoted(it)}
[[deployment.rich_messages]]
name = ${quoted(it)}
[deployment.rich_messages.event]
template_id = "cards"
elements = [{ title = ${quoted(it)} }]
[[deployment.forms]]
name = ${quoted(it)}
[deployment.forms.form]
form_id = ${quoted(it)}
fields = [{ type = "name", id = "1", label = ${quoted(it)} }]
`).join("")}`;
}

test.describe("a site with script in its settings", () => {
  test.use({ agentName: WORST[1] ?? "" });

  test("script in the settings and in the details of a chat does not run", async ({ page, context, site, endpoint, widget, agentConsole, agent }) => {
    await endpoint.configure(settings());
    const ours = [site.origin, endpoint.url];
    const net = await Net.spread(context, ours);
    const deskNet = await Net.spread(agentConsole.page.context(), ours);
    await agentConsole.signIn();
    await page.goto(site.address("plain"));
    await page.evaluate((texts) => {
      const attributes = texts.slice(0, 50).map((text, n) => [`${n} ${text}`.slice(0, 60), text.slice(0, 100)]);
      parlor("setAttributes", Object.fromEntries(attributes));
      parlor("prefill", { "0": texts[0] ?? "", "1": "ada@example.com", message: texts[1] ?? "" });
    }, SCRIPTS);
    await widget.open();
    await expect(widget.hello).toBeVisible();
    await expectNothing(net, chatFrame(page), "hello");
    await widget.hello.click();
    await expect(widget.start).toBeVisible();
    expect(await missing(chatFrame(page), SCRIPTS.slice(0, 50))).toEqual([]);
    await expectNothing(net, chatFrame(page), "the form before a chat");
    await widget.start.click();
    const chat = await agent.acceptNext();
    await expect(widget.message).toHaveValue(SCRIPTS[1] ?? "");

    const [thread] = (await agent.events(chat)).map(({ id }) => id.replace(/_\d+$/, ""));
    for (const tag of SCRIPTS.slice(0, 50)) await agent.action("tag_thread", { chat_id: chat, thread_id: thread, tag: tag.slice(0, 60) });
    await agent.say(chat, "a1 hello");
    await widget.hears("a1 hello");
    await agentConsole.mine.getByRole("button").first().click();
    await agentConsole.hears("a1 hello");
    await expect(agentConsole.page.getByRole("list", { name: "Tags" }).getByRole("listitem")).toHaveCount(50);
    await agentConsole.page.getByRole("button", { name: "Send cards, forms and more" }).click();
    await expect(agentConsole.page.getByRole("group", { name: "Forms" }).getByRole("button")).toHaveCount(SCRIPTS.length);
    expect(await missing(agentConsole.page.mainFrame(), SCRIPTS)).toEqual([]);
    await expectNothing(deskNet, agentConsole.page.mainFrame(), "what is ready to be sent");
    await agentConsole.page.keyboard.press("Escape");
    await agentConsole.reply.fill("/");
    await expect(agentConsole.page.getByRole("listbox", { name: "Canned replies" })).toBeVisible();
    await expectNothing(deskNet, agentConsole.page.mainFrame(), "canned replies");

    await agentConsole.reply.pressSequentially("x");
    await expect(widget.frame.getByText("is typing").first()).toBeVisible();
    await agent.end(chat);
    await expect(widget.again).toBeVisible();
    expect(await missing(chatFrame(page), SCRIPTS.slice(0, 50))).toEqual([]);
    await expectNothing(net, chatFrame(page), "the form after a chat");
  });
});
