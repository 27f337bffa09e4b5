// Each kind of event as a visitor uses it, by pointer and by keyboard; the agent sees the answers. axe checks
// each of them.
import { createHmac } from "node:crypto";
import type { Locator } from "@playwright/test";
import { bringAxe, chatFrame, expectNoViolations } from "./harness/axe";
import { PICTURE } from "./harness/picture";
import { expect, test } from "./harness/test";

const SECRET = "a secret of this test, 32 bytes and more";
process.env.PARLOR_E2E_SECRET = SECRET;

const SETTINGS = `
[[deployment]]
team_name = "Ada's Hats"
markdown = true
asks_rating = true
[deployment.files]
max_bytes = 300000
types = ["image/png", "text/plain"]
[deployment.identity]
secret_env = "PARLOR_E2E_SECRET"
[deployment.postchat]
fields = [
  { type = "radio", id = "solved", label = "Did we solve it?", required = true, options = [
    { id = "0", label = "Yes" }, { id = "1", label = "No" } ] },
  { type = "question", id = "better", label = "What could be better?" },
]
`;

test.beforeEach(async ({ context }) => bringAxe(context));

async function hasFocus(target: Locator): Promise<void> {
  await expect(target).toBeFocused();
}

test("a carousel scrolls with the arrow keys and with two buttons", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  const elements = ["Blue", "Green", "Red", "Grey"].map((title) => ({ title, buttons: [] }));
  await agent.send(chat, { type: "rich_message", template_id: "cards", elements });
  const track = widget.log.getByRole("group", { name: "4 cards" });
  const last = track.getByText("Grey");
  await expect(track.getByText("Blue")).toBeInViewport({ ratio: 1 });
  await expect(last).not.toBeInViewport();
  const next = widget.log.getByRole("button", { name: "Next" });
  const dimmed = (arrow: Locator) => arrow.evaluate((it) => Number(getComputedStyle(it).opacity) < 0.5);
  await expect.poll(() => dimmed(widget.log.getByRole("button", { name: "Previous" }))).toBe(true);
  expect(await dimmed(next)).toBe(false);
  await expect(async () => {
    await next.click();
    await expect(last).toBeInViewport({ ratio: 1, timeout: 500 });
  }).toPass();
  await expect.poll(() => dimmed(next)).toBe(true);

  await track.focus();
  await expect(async () => {
    await page.keyboard.press("ArrowLeft");
    await expect(track.getByText("Blue")).toBeInViewport({ ratio: 1, timeout: 500 });
  }).toPass();
  await expectNoViolations(chatFrame(page), "carousel");
});

test("buttons open their targets, and the agent sees which were pressed", async ({ page, context, site, endpoint, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  const inside = `${endpoint.url}/demo/icon.svg`;
  const button = (text: string, more: object) => ({ text, postback_id: text, user_ids: [], ...more });
  const view = (webview_height: string) => button(webview_height, { type: "webview", value: inside, webview_height });
  const event = await agent.send(chat, {
    type: "rich_message",
    template_id: "cards",
    elements: [
      {
        title: "Everything that can be pressed",
        buttons: [
          button("Call us", { type: "phone", value: "+48 (12) 345-67" }),
          button("Elsewhere", { type: "url", value: `${site.address("quirks")}?new`, target: "new" }),
          view("compact"),
          view("tall"),
          view("full"),
          button("Here", { type: "url", value: `${site.address("quirks")}?current`, target: "current" }),
        ],
      },
    ],
  });
  const told = (id: string) =>
    expect
      .poll(async () => {
        const found = (await agent.events(chat)).find((it) => it.id === event);
        return found?.elements?.[0]?.buttons?.find((it) => it.postback_id === id)?.user_ids.length;
      })
      .toBe(1);
  await expect(widget.log.getByRole("link", { name: "Call us" })).toHaveAttribute("href", "tel:+481234567");

  const opened = context.waitForEvent("page");
  await widget.log.getByRole("link", { name: "Elsewhere" }).click();
  const elsewhere = await opened;
  expect(elsewhere.url()).toBe(`${site.address("quirks")}?new`);
  expect(await elsewhere.evaluate(() => [window.opener, document.referrer])).toEqual([null, ""]);
  await elsewhere.close();
  await told("Elsewhere");

  const heights: number[] = [];
  for (const height of ["compact", "tall", "full"]) {
    const way = widget.log.getByRole("button", { name: height });
    await way.focus();
    await page.keyboard.press("Enter");
    const sheet = widget.frame.getByRole("dialog", { name: height });
    await expect(sheet).toBeVisible();
    const frame = sheet.locator("iframe");
    await expect(frame).toHaveAttribute("src", inside);
    // Neither our origin nor any of its own, and the page around it stays where it is.
    const allowed = ((await frame.getAttribute("sandbox")) ?? "allow-same-origin").split(" ");
    expect(allowed.filter((it) => /same-origin|top-navigation|modals/.test(it))).toEqual([]);
    await expectNoViolations(chatFrame(page), `a ${height} sheet`);
    heights.push((await sheet.boundingBox())?.height ?? 0);
    if (height === "tall") await sheet.getByRole("button", { name: "Close" }).click();
    else await page.keyboard.press("Escape");
    await expect(sheet).toHaveCount(0);
    // The sheet is closed, the window is not.
    await hasFocus(way);
    await told(height);
  }
  expect(heights.toSorted((a, b) => a - b)).toEqual(heights);
  expect(new Set(heights).size).toBe(3);

  await widget.log.getByRole("link", { name: "Here", exact: true }).click();
  await page.waitForURL(/current$/);
  await widget.hears("Here");
});

test("a sticker is displayed, and a card whose image has an invalid URL", async ({ page, site, endpoint, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  const image = { url: `${endpoint.url}/demo/icon.svg`, alternative_text: "A pot", width: 320, height: 320 };
  await agent.send(chat, { type: "rich_message", template_id: "sticker", elements: [{ image }] });
  const sticker = widget.log.getByRole("img", { name: "A pot" });
  await expect(sticker).toBeVisible();
  // Its ratio is kept, and room for it before it is there.
  expect(await sticker.evaluate((it: HTMLImageElement) => [it.width === it.height, it.width < 320])).toEqual([true, true]);
  await agent.send(chat, { type: "rich_message", template_id: "cards", elements: [{ title: "Bare", image: { url: "x:y", alternative_text: "none" } }] });
  await expect(widget.log.getByText("Bare")).toBeVisible();
  await expectNoViolations(chatFrame(page), "sticker");
});

test("an image opens in the viewer, which zooms and downloads it", async ({ page, site, endpoint, widget, agent }) => {
  await endpoint.configure(SETTINGS);
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.frame.locator("input[type=file]").setInputFiles({ name: "hat.png", mimeType: "image/png", buffer: PICTURE });
  await agent.sees(chat, ({ name }) => name === "hat.png", "the picture");
  const thumbnail = widget.log.getByRole("button", { name: "Show picture: hat.png" });
  await thumbnail.focus();
  await page.keyboard.press("Enter");
  const viewer = widget.frame.getByRole("dialog", { name: "hat.png" });
  await expect(viewer).toBeVisible();
  const picture = viewer.getByRole("img", { name: "hat.png" });
  const width = async () => (await picture.boundingBox())?.width ?? 0;
  // Before it is loaded it has none.
  await expect.poll(width).toBeGreaterThan(0);
  const whole = await width();
  await page.keyboard.press("+");
  await expect.poll(width).toBeGreaterThan(whole);
  await page.keyboard.press("-");
  await expect.poll(width).toBe(whole);
  await viewer.getByRole("button", { name: "Zoom in" }).click();
  await expect.poll(width).toBeGreaterThan(whole);
  const keep = viewer.getByRole("link", { name: "Download" });
  await expect(keep).toHaveAttribute("download", "hat.png");
  await expectNoViolations(chatFrame(page), "viewer");
  await page.keyboard.press("Escape");
  await expect(viewer).toHaveCount(0);
  await hasFocus(thumbnail);
});

test("files can be dropped and pasted, and an upload cancelled and retried", async ({ page, site, endpoint, widget, agent }) => {
  await endpoint.configure(SETTINGS);
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await expect(widget.message).toBeVisible();
  /** As the browser does it when a file is dropped on the window, or pasted into the field. */
  const bring = (how: "drop" | "paste", name: string, text: string) =>
    widget.message.evaluate(
      (field, [how, name, text]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([text ?? ""], name ?? "", { type: "text/plain" }));
        const about = { bubbles: true, cancelable: true };
        if (how === "paste") {
          field.dispatchEvent(new ClipboardEvent("paste", { ...about, clipboardData: transfer }));
          return;
        }
        for (const type of ["dragenter", "dragover", "drop"]) {
          field.dispatchEvent(new DragEvent(type, { ...about, dataTransfer: transfer }));
        }
      },
      [how, name, text],
    );
  await bring("drop", "dropped.txt", "dropped");
  await agent.sees(chat, ({ name }) => name === "dropped.txt", "what was dropped");
  await bring("paste", "pasted.txt", "pasted");
  await agent.sees(chat, ({ name }) => name === "pasted.txt", "what was pasted");

  await test.step("a file that is too large is refused before the upload", async () => {
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await bring("drop", "large.txt", "x".repeat(300_001));
    await expect(widget.log.getByText("Not sent: this file is too large.")).toBeVisible();
    expect(asked.filter((url) => url.includes("FileUpload"))).toEqual([]);
  });

  // An endpoint that takes its time, until it is let go.
  const held: (() => Promise<void>)[] = [];
  await page.route("**/FileUpload", (route) => void held.push(() => route.continue()));
  await test.step("a cancelled upload disappears", async () => {
    await bring("drop", "cancelled.txt", "cancelled");
    const bar = widget.log.getByRole("progressbar", { name: "cancelled.txt" });
    await expect(bar).toBeVisible();
    await expectNoViolations(chatFrame(page), "a file on its way");
    await widget.log.getByRole("button", { name: "Cancel" }).click();
    await expect(widget.log.getByText("cancelled.txt")).toHaveCount(0);
  });
  await page.unroute("**/FileUpload");

  await test.step("a failed upload is retried", async () => {
    await page.route("**/FileUpload", (route) => route.fulfill({ status: 400, body: "no" }));
    await bring("drop", "again.txt", "again");
    await expect(widget.log.getByText("Not sent: the file did not get through.")).toBeVisible();
    await page.unroute("**/FileUpload");
    await widget.log.getByRole("button", { name: "Try again" }).click();
    await agent.sees(chat, ({ name }) => name === "again.txt", "what was tried again");
  });
  const names = (await agent.events(chat)).filter(({ type }) => type === "file").map(({ name }) => name);
  expect(names).toEqual(["dropped.txt", "pasted.txt", "again.txt"]);
});

const OPTIONS = [
  { id: "0", label: "First" },
  { id: "1", label: "Second" },
];

test("forms: one with every type of field, and one for the e-mail address", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  const types = ["name", "email", "question", "subject", "textarea", "checkbox", "radio", "select", "group_chooser"];
  const fields = types.map((type, n) => ({
    type,
    id: `${n}`,
    label: `Your ${type}`,
    required: n % 2 === 0,
    ...(n > 4 && { options: OPTIONS.map((it) => (type === "group_chooser" ? { ...it, group_id: 7 } : it)) }),
  }));
  await agent.send(chat, { type: "form", form_id: "all", fields });
  const form = widget.log.getByRole("form", { name: "A few questions" });
  const send = form.getByRole("button", { name: "Send answers" });
  await send.click();
  // Every field that is needed says so, and the first has the focus.
  const first = form.getByRole("textbox", { name: "Your name" });
  await hasFocus(first);
  await expect(form.getByText("Please fill this in.")).toHaveCount(5);
  await expectNoViolations(chatFrame(page), "a form with errors");

  for (const type of types.slice(0, 5)) {
    await form.getByRole("textbox", { name: `Your ${type}` }).fill(type === "email" ? "no address" : `a ${type}`);
  }
  await form.getByRole("group", { name: "Your checkbox" }).getByRole("checkbox", { name: "First" }).check();
  await form.getByRole("group", { name: "Your checkbox" }).getByRole("checkbox", { name: "Second" }).check();
  await form.getByRole("radiogroup", { name: "Your radio" }).getByRole("radio", { name: "Second" }).check();
  await form.getByRole("combobox", { name: "Your select" }).selectOption("First");
  await form.getByRole("combobox", { name: "Your group_chooser" }).selectOption("Second");
  await send.click();
  await hasFocus(form.getByRole("textbox", { name: "Your email" }));
  await form.getByRole("textbox", { name: "Your email" }).fill("ada@example.com");
  await send.click();
  const [, second] = OPTIONS;
  const filled = await agent.sees(chat, (event) => event.type === "filled_form" && event.fields?.[0]?.label === "Your name" && event.fields.length === 9, "the answers");
  expect(filled.fields?.map(({ answer, answers }) => answer ?? answers)).toEqual([
    "a name",
    "ada@example.com",
    "a question",
    "a subject",
    "a textarea",
    OPTIONS,
    second,
    OPTIONS[0],
    { ...second, group_id: 7 },
  ]);
  await expect(form).toHaveCount(0);
  await expect(widget.log.getByText("First, Second")).toBeVisible();

  await agent.send(chat, { type: "form", form_id: "mail", form_type: "ask_for_email", fields: [{ type: "email", id: "e", label: "Where to write", required: true }] });
  await form.getByRole("textbox", { name: "Where to write" }).fill("ada@elsewhere.example");
  await page.keyboard.press("Enter");
  const mail = await agent.sees(chat, (event) => event.type === "filled_form" && event.fields?.[0]?.label === "Where to write", "the address");
  expect(mail.fields?.[0]?.answer).toBe("ada@elsewhere.example");
  expect(mail).toMatchObject({ form_id: "mail", form_type: "ask_for_email" });
  await expectNoViolations(chatFrame(page), "answered forms");
});

test("after a chat, the visitor rates it with a comment and answers the post-chat form", async ({ page, site, endpoint, widget, agent }) => {
  await endpoint.configure(SETTINGS);
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.say("v1 thank you");
  await widget.end();
  await expect(widget.again).toBeVisible();
  await expectNoViolations(chatFrame(page), "ended, with questions");
  await widget.frame.getByRole("button", { name: "Bad" }).click();
  await widget.frame.getByRole("textbox", { name: "Would you like to add something?" }).fill("too short");
  await widget.frame.getByRole("button", { name: "Send", exact: true }).click();
  const commented = await agent.sees(chat, (event) => event.system_message_type === "rating.chat_commented", "the comment");
  expect(commented).toMatchObject({ text_vars: { comment: "too short" } });

  const form = widget.frame.getByRole("form", { name: "A few questions" });
  await form.getByRole("button", { name: "Send answers" }).click();
  await expect(form.getByText("Please fill this in.")).toBeVisible();
  await form.getByRole("radio", { name: "Yes" }).check();
  await form.getByRole("button", { name: "Send answers" }).click();
  await expect(widget.frame.getByText("Thank you for telling us.").last()).toBeVisible();
  const filled = await agent.sees(chat, (event) => event.type === "filled_form" && event.fields?.[0]?.label === "Did we solve it?", "the answers");
  expect(filled).toMatchObject({ form_type: "postchat" });
  expect(filled.fields?.[0]?.answer).toEqual({ id: "0", label: "Yes" });
  await expectNoViolations(chatFrame(page), "answered after the chat");
});

test("system messages are in the visitor's language", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await expect(widget.log.getByText("Maria joined")).toBeVisible();
  const words: [string, Record<string, string>, string][] = [
    ["routing.assigned", { agent: "Bea" }, "Bea joined"],
    ["chat_transferred", { agent: "Cem", from: "Bea" }, "Cem has taken over"],
    ["agent_left", { agent: "Dov" }, "Dov has left. Somebody else will be with you soon."],
    ["manual_archived_agent", { agent: "Eva" }, "Eva closed the conversation"],
    ["routing.archived_inactive", { customer: "Ada" }, "The conversation was closed"],
    ["rating.chat_rated", { score: "bad" }, "You did not find this conversation helpful"],
    ["of.our.own", { who: "Flo", what: "{who}" }, "Flo said {who}"],
  ];
  for (const [system_message_type, text_vars, told] of words) {
    await agent.send(chat, { type: "system_message", system_message_type, text: "{who} said {what}", text_vars });
    await widget.hears(told);
  }
  await agent.send(chat, { type: "system_message", system_message_type: "customer_idle", text: "between us", visibility: "agents" });
  await widget.say("v1 still here");
  await expect(widget.log.getByText("between us")).toHaveCount(0);
  await expectNoViolations(chatFrame(page), "system messages");
});

test("a returning visitor reads earlier conversations, from the greeting and by scrolling up", async ({ page, site, endpoint, widget, agent }) => {
  await page.goto(site.address("plain"));
  for (const which of ["first", "second", "third"]) {
    if (which === "first") await widget.ask();
    else {
      await widget.again.click();
      await widget.start.click();
    }
    const chat = await agent.acceptNext();
    for (let n = 1; n < 15; n++) await agent.say(chat, `${which} ${n}`);
    await widget.hears(`${which} 14`);
    await agent.end(chat);
    await expect(widget.again).toBeVisible();
  }
  await page.reload();
  await expect(widget.launcher).toHaveAccessibleName("Open chat");
  await widget.open();
  await expect(widget.hello).toBeVisible();
  await expectNoViolations(chatFrame(page), "hello with earlier conversations");
  const past = widget.frame.getByRole("heading", { name: "Earlier conversations" }).locator("..").getByRole("button");
  await expect(past).toHaveCount(3);
  await expect(past.first()).toContainText("third 14");
  await expect(past.first()).toContainText("Today");

  await test.step("an earlier conversation opens at its beginning, with later ones below", async () => {
    await past.nth(1).focus();
    await page.keyboard.press("Enter");
    await expect(widget.log.getByText("second 1", { exact: true })).toBeInViewport();
    await expect(widget.log.getByText("third 14", { exact: true })).toHaveCount(1);
    await expect(widget.log.getByText("first 1", { exact: true })).toHaveCount(0);
    await expect(widget.log.getByText("Today")).toHaveCount(1);
    await expectNoViolations(chatFrame(page), "an earlier conversation");
  });

  await test.step("loading earlier messages does not move the ones that are displayed", async () => {
    const line = widget.log.getByText("second 1", { exact: true });
    const before = (await line.boundingBox())?.y ?? 0;
    await widget.log.getByRole("button", { name: "Show earlier messages" }).click();
    await expect(widget.log.getByText("first 14", { exact: true })).toHaveCount(1);
    expect(Math.abs(((await line.boundingBox())?.y ?? 0) - before)).toBeLessThan(60);
  });

  await test.step("a new conversation can be started, with the earlier ones above", async () => {
    await widget.frame.getByRole("button", { name: "Back" }).click();
    await expect(past).toHaveCount(3);
    await past.first().click();
    await expect(widget.log.getByText("third 1", { exact: true })).toBeVisible();
    await widget.hello.click();
    await widget.start.click();
    const chat = await agent.acceptNext();
    await agent.say(chat, "a1 welcome back");
    await widget.hears("a1 welcome back");
    await expect(widget.log.getByText("third 1", { exact: true })).toHaveCount(0);
    await widget.log.getByRole("button", { name: "Show earlier messages" }).click();
    await expect(widget.log.getByText("third 14", { exact: true })).toHaveCount(1);
  });

  await test.step("a conversation that the visitor may not read displays the reason", async () => {
    await agent.end((await agent.action<{ chats_summary: { id: string }[] }>("list_chats", {})).chats_summary[0]?.id ?? "");
    await endpoint.configure(`[[deployment]]\nhistory_days = 0\n`);
    await page.reload();
    await widget.open();
    await past.first().click();
    await widget.hears("You can't access threads older than 0 days");
    await expect(widget.log.getByText("welcome back")).toHaveCount(0);
  });
});

test("both sides see how far the other has read", async ({ page, site, widget, agentConsole }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  await widget.say("v1 do you see this?");
  await agentConsole.hears("v1 do you see this?");
  await expect(widget.log.getByText("Seen", { exact: false }).last()).toBeVisible();
  await agentConsole.say("a1 I do, and you?");
  await widget.hears("a1 I do, and you?");
  await expect(agentConsole.log.getByText("Seen", { exact: true })).toBeVisible();
  // What nobody looks at is not seen.
  await widget.minimise.click();
  await agentConsole.say("a2 still there?");
  await expect(widget.launcher).toHaveAccessibleName("Open chat, 1 unread message");
  await expect(agentConsole.log.getByText("Seen", { exact: true })).toHaveCount(1);
  const [seen, unseen] = await Promise.all([agentConsole.log.getByText("Seen", { exact: true }).boundingBox(), agentConsole.log.getByText("a2 still there?").boundingBox()]);
  expect(seen?.y).toBeLessThan(unseen?.y ?? 0);
});

test("visitor and agent see live who has toggled a button", async ({ page, site, widget, agentConsole, agent }) => {
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.acceptNext();
  const [chat] = (await agent.action<{ chats_summary: { id: string }[] }>("list_chats", {})).chats_summary;
  const id = await agent.send(chat?.id ?? "", {
    type: "rich_message",
    template_id: "cards",
    elements: [{ title: "The blue hat", buttons: [{ text: "Like", postback_id: "like", user_ids: [] }] }],
  });
  const like = widget.log.getByRole("button", { name: "Like" });
  await like.click();
  await expect(like).toHaveAttribute("aria-pressed", "true");
  await expect(agentConsole.log.getByText("Pressed by Ada Lovelace")).toHaveCount(1);

  // An agent presses it, too: their press is theirs, and the visitor's stays.
  const press = { chat_id: chat?.id, thread_id: id.replace(/_\d+$/, ""), event_id: id };
  await agent.action("send_rich_message_postback", { ...press, postback: { id: "like", toggled: true } });
  await expect(agentConsole.log.getByText(/Pressed by .*(Ada Lovelace.*Maria|Maria.*Ada Lovelace)/)).toHaveCount(1);
  await like.click();
  await expect(like).toHaveAttribute("aria-pressed", "false");
  await expect(agentConsole.log.getByText("Pressed by Maria")).toHaveCount(1);
});

test("the page gets events, and identifies, describes and prefills the visitor", async ({ page, site, endpoint, widget, agentConsole, agent }) => {
  await endpoint.configure(SETTINGS);
  const warnings: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "warning" && message.text().startsWith("parlor:")) warnings.push(message.text());
  });
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  const encoded = (it: object) => Buffer.from(JSON.stringify(it)).toString("base64url");
  const claims = { sub: "user-7", name: "Ada King", email: "ada@king.example", exp: Math.floor(Date.now() / 1000) + 600 };
  const unsigned = `${encoded({ alg: "HS256", typ: "JWT" })}.${encoded(claims)}`;
  const token = `${unsigned}.${createHmac("sha256", SECRET).update(unsigned).digest("base64url")}`;
  await page.evaluate((token) => {
    const heard: [string, unknown][] = [];
    Object.assign(window, { heard });
    for (const name of ["message:sent", "message:received", "rating"] as const) parlor("on", name, (detail) => heard.push([name, detail]));
    parlor("identify", token);
    parlor("setAttributes", { plan: "gold" });
    parlor("setAttributes", { seats: 3 });
    parlor("prefill", { name: "Ada", question: ["Is it raining?"], message: "v1 prefilled" });
    parlor("custom", { too: "early" });
  }, token);
  const heard = (name: string) => page.evaluate((name) => (Reflect.get(window, "heard") as [string, unknown][]).filter(([it]) => it === name), name);
  await widget.open();
  await expect.poll(() => warnings.length).toBe(1);
  expect(warnings[0]).toContain("no conversation");
  await widget.hello.click();
  await expect(widget.field("name")).toHaveValue("Ada");
  await expect(widget.field("question")).toHaveValue("Is it raining?");
  await widget.field("email").fill("ada@example.com");
  await widget.start.click();
  await expect(agentConsole.waiting.getByText("Ada King")).toBeVisible();
  await agentConsole.acceptNext();
  const about = agentConsole.page.getByRole("complementary", { name: "About the visitor" });
  for (const text of ["ada@king.example", "plan", "gold", "seats", "3"]) await expect(about.getByText(text, { exact: true }).first()).toBeVisible();

  await expect(widget.message).toHaveValue("v1 prefilled");
  await widget.message.press("Enter");
  await agentConsole.hears("v1 prefilled");
  await expect.poll(async () => (await heard("message:sent")).length).toBe(1);
  await agentConsole.say("a1 hello");
  await expect.poll(async () => (await heard("message:received")).length).toBeGreaterThan(0);

  const [summary] = (await agent.action<{ chats_summary: { id: string }[] }>("list_chats", {})).chats_summary;
  const chat = summary?.id ?? "";
  // As long as nobody listens, there is a neutral line; from the next event on there is none.
  await agent.send(chat, { type: "custom", content: { order: 7 } });
  const line = widget.log.getByText("This site noted something here.");
  await expect(line).toHaveCount(1);
  await page.evaluate(() => {
    const heard = Reflect.get(window, "heard") as [string, unknown][];
    parlor("on", "custom", ({ content }) => heard.push(["custom", content]));
    parlor("custom", { cart: ["hat"] });
  });
  await agent.send(chat, { type: "custom", content: { order: 8 } });
  await expect.poll(() => heard("custom")).toContainEqual(["custom", { order: 8 }]);
  await expect(line).toHaveCount(0);
  const sent = await agent.sees(chat, ({ type, content }) => type === "custom" && JSON.stringify(content).includes("hat"), "the page's own event");
  expect(JSON.stringify(sent.content)).toContain(`"cart":["hat"]`);
  await widget.end();
  await widget.frame.getByRole("button", { name: "Good" }).click();
  await expect.poll(() => heard("rating")).toEqual([["rating", { score: "good" }]]);
  expect(warnings).toHaveLength(1);
});

test("buttons and forms are disabled once the conversation has ended", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  const button = { type: "message", text: "Yes", value: "yes", postback_id: "yes", user_ids: [] };
  const link = { type: "url", text: "Read", value: "https://example.com/", postback_id: "read", user_ids: [], target: "new" };
  const elements = [{ title: "Blue", buttons: [button, link] }];
  await agent.send(chat, { type: "rich_message", template_id: "cards", elements });
  const fields = [{ type: "email", id: "mail", label: "Your e-mail", required: true }];
  await agent.send(chat, { type: "form", form_id: "ask", form_type: "ask_for_email", fields });
  const yes = widget.log.getByRole("button", { name: "Yes" });
  const send = widget.log.getByRole("form").getByRole("button");
  await expect(yes).toBeEnabled();
  await expect(send).toBeEnabled();

  await widget.end();
  await expect(widget.again).toBeVisible();
  await expect(yes).toBeDisabled();
  await expect(send).toBeDisabled();
  await expect(widget.log.getByRole("link", { name: "Read" })).toBeVisible();
  await expectNoViolations(chatFrame(page), "what can be answered no more");
});
