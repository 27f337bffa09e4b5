// Several tabs of one visitor: one of them polls and posts, all show the same, and when the one
// that leads is closed, killed or frozen, another goes on. How soon: `alone/take-over.spec.ts`.
import { expectStoredIsFound, stored } from "./harness/stored";
import { ENDS, keepBusy, Tabs, withoutLocks } from "./harness/tabs";
import { expect, test } from "./harness/test";
import type { Widget } from "./harness/widget";

for (const by of ["lock", "lease"]) {
  test(`with a ${by}: of three tabs one polls, and all display the same`, async ({ context, endpoint, agent }) => {
    if (by === "lease") await withoutLocks(context);
    const tabs = new Tabs(context, `${endpoint.url}/demo/`);
    const first = await tabs.open();
    await first.ask();
    const chat = await agent.acceptNext();
    await agent.say(chat, "a1 to the first");
    await first.hears("a1 to the first");
    const second = await tabs.open();
    const third = await tabs.open();
    await tabs.show(["a1"]);
    await tabs.leader();

    await agent.say(chat, "a2 to all");
    await tabs.show(["a1", "a2"]);
    // The order is that of arrival: each message arrives before the next is said.
    await second.say("v1 in the second");
    await agent.hears(chat, "v1 in the second");
    await third.say("v2 in the third");
    await agent.hears(chat, "v2 in the third");
    await first.say("v3 in the first");
    await agent.hears(chat, "v3 in the first");
    await tabs.show(["a1", "a2", "v1", "v2", "v3"]);

    await second.message.fill("half a sen");
    for (const widget of tabs.widgets) await expect(widget.message).toHaveValue("half a sen");
    await third.message.fill("");
    for (const widget of tabs.widgets) await expect(widget.message).toHaveValue("");

    await second.minimise.click();
    for (const { launcher } of tabs.widgets) await expect(launcher).toHaveAccessibleName("Open chat");
    await agent.say(chat, "a3 not seen");
    for (const { launcher } of tabs.widgets) {
      await expect(launcher).toHaveAccessibleName("Open chat, 1 unread message");
    }
    await third.open();
    for (const { launcher } of tabs.widgets) await expect(launcher).toHaveAccessibleName("Close chat");
    await tabs.show(["a1", "a2", "v1", "v2", "v3", "a3"]);

    await (await tabs.leader()).end();
    for (const widget of tabs.widgets) await expect(widget.again).toBeVisible();
    const said = ["a1 to the first", "a2 to all", "v1 in the second", "v2 in the third"];
    expect(await agent.said(chat)).toEqual([...said, "v3 in the first", "a3 not seen"]);
    expect(tabs.statuses).not.toContain(409);
  });

  for (const [end, act] of Object.entries(ENDS)) {
    test(`with a ${by}: another tab leads after the leading tab is ${end}`, async ({ context, site, agent }) => {
      if (by === "lease") await withoutLocks(context);
      const tabs = new Tabs(context, site.address("plain"));
      const first = await tabs.open();
      await first.ask();
      const chat = await agent.acceptNext();
      await expect(first.message).toBeVisible();
      await tabs.open();
      await tabs.open();

      const said: string[] = [];
      const say = async (widget: Widget) => {
        const text = `v${said.length + 1} written`;
        said.push(text);
        await widget.say(text);
      };
      for (let left = 2; left > 0; left--) {
        for (const follower of await tabs.followers()) await say(follower);
        const leader = await tabs.leader();
        await say(leader);
        await tabs.takeOver(leader, () => act(leader.page, context));
        tabs.forget(leader.page);
        for (const widget of tabs.widgets) await say(widget);
      }
      await agent.hears(chat, said.at(-1) ?? "");
      await agent.say(chat, "a1 still there?");
      await (await tabs.leader()).hears("a1 still there?");
      expect(await agent.said(chat)).toEqual([...said, "a1 still there?"]);
      expect(tabs.statuses).not.toContain(409);
    });
  }
}

for (const by of ["lock", "lease"]) {
  test(`with a ${by}: another tab leads while the leading tab hangs, and the two agree afterwards`, async ({ context, endpoint, agent }) => {
    if (by === "lease") await withoutLocks(context);
    // On the chat's own origin, where each tab has a process of its own, its frame included.
    const tabs = new Tabs(context, `${endpoint.url}/demo/`);
    const first = await tabs.open();
    await first.ask();
    const chat = await agent.acceptNext();
    await first.say("v1 before");
    await tabs.open();
    await tabs.show(["v1"]);
    const leader = await tabs.leader();
    const [follower] = await tabs.followers();

    // Browsers freeze only what nobody sees, and here every tab is seen: so it is kept busy.
    let over: Promise<unknown> = Promise.resolve();
    await tabs.takeOver(leader, async () => {
      over = keepBusy(leader.page, 8000);
    });
    await follower?.say("v2 meanwhile");
    await agent.hears(chat, "v2 meanwhile");
    await agent.say(chat, "a1 meanwhile");
    await follower?.hears("a1 meanwhile");
    await over;
    await tabs.show(["v1", "v2", "a1"]);
    await leader.say("v3 after it");
    await agent.hears(chat, "v3 after it");
    await tabs.leader();
    const said = ["v1 before", "v2 meanwhile", "a1 meanwhile", "v3 after it"];
    expect(await agent.said(chat)).toEqual(said);
    expect(tabs.statuses).not.toContain(409);
  });
}

test("the conversation continues when the leading tab and another are reloaded", async ({ context, site, agent }) => {
  const tabs = new Tabs(context, site.address("plain"));
  const first = await tabs.open();
  await first.ask();
  const chat = await agent.acceptNext();
  await first.say("v1 in the first");
  await tabs.open();
  await tabs.show(["v1"]);

  const leader = await tabs.leader();
  const [follower] = await tabs.followers();
  await leader.page.reload();
  await tabs.show(["v1"]);
  await leader.say("v2 after the reload");
  await agent.hears(chat, "v2 after the reload");

  await follower?.page.reload();
  await tabs.show(["v1", "v2"]);
  await agent.say(chat, "a1 to both");
  await tabs.show(["v1", "v2", "a1"]);
  await tabs.leader();
  expect(tabs.statuses).not.toContain(409);
});

test("a tab that was open before the conversation began displays it", async ({ context, site, agent }) => {
  const tabs = new Tabs(context, site.address("plain"));
  const before = await tabs.open();
  const first = await tabs.open();
  await first.ask();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 to whom it concerns");
  await before.hears("a1 to whom it concerns");
  await before.say("v1 from here");
  await agent.hears(chat, "v1 from here");
  await tabs.show(["a1", "v1"]);
});

test("the page around each tab gets the events that happen after it was opened", async ({ context, site, agent }) => {
  const tabs = new Tabs(context, site.address("api"));
  const first = await tabs.open();
  await first.page.getByRole("button", { name: "Talk to us" }).click();
  await first.hello.click();
  await first.fillIn();
  await first.start.click();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 before");
  await first.hears("a1 before");
  const second = await tabs.open();
  await second.hears("a1 before");
  const heard = (widget: Widget) => widget.page.evaluate<[string, unknown][]>("heard");
  const names = async (widget: Widget) => (await heard(widget)).map(([name]) => name);
  // What it comes to has not begun there.
  expect(await names(second)).not.toContain("conversation:started");
  await first.minimise.click();
  await expect.poll(() => names(second)).toContain("close");
  await agent.say(chat, "a2 unseen");
  await expect.poll(() => heard(second)).toContainEqual(["unread", 1]);
});

test("a file that was chosen in a following tab is sent although the leading tab is closed during the upload", async ({
  context,
  site,
  agent,
}) => {
  const tabs = new Tabs(context, site.address("plain"));
  const first = await tabs.open();
  await first.ask();
  const chat = await agent.acceptNext();
  await expect(first.message).toBeVisible();
  await tabs.open();
  const [follower] = await tabs.followers();
  const leader = await tabs.leader();
  if (!follower) throw new Error("there is no follower");

  const held: (() => Promise<void>)[] = [];
  await leader.page.route("**/Chasitor/FileUpload", (route) => void held.push(() => route.abort()));
  const file = { name: "cup.txt", mimeType: "text/plain", buffer: Buffer.from("a cup") };
  await follower.frame.locator("input[type=file]").setInputFiles(file);
  await expect.poll(() => held.length, { message: "uploads of the leader" }).toBe(1);
  await leader.page.close();
  tabs.forget(leader.page);
  const sent = await agent.sees(chat, (event) => event.type === "file", "the file");
  expect(sent.name).toBe("cup.txt");
  expect((await agent.events(chat)).filter((event) => event.type === "file")).toHaveLength(1);
});

test("unknown messages on the channel are ignored, and a message of a newer version reloads the tab", async ({ site, widget, agent }) => {
  await widget.page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.say("v1 before");
  const frame = widget.page.frames().find((frame) => frame.url().includes("/chat/"));
  if (!frame) throw new Error("there is no frame");
  const shout = (text: string) =>
    frame.evaluate((text) => {
      const deployment = new URLSearchParams(location.search).get("deployment");
      const channel = new BroadcastChannel(`parlor-chat:${deployment}`);
      for (const what of [text, new Uint8Array([255]), "words", { a: 1 }, ["x", null], null]) {
        channel.postMessage(what);
      }
    }, text);
  const newer = JSON.stringify({ version: 4_000_000_000, message: { of: "another kind" } });
  await frame.evaluate("window.marked = true");
  await shout('{"version":0,"message":null}');
  await shout('{"version":5,"message":{"from":1}}');
  await shout('{"version":"5"}');
  // Too young to be outdated.
  await shout(newer);
  await widget.say("v2 all the same");
  await agent.hears(chat, "v2 all the same");
  expect(await frame.evaluate("window.marked")).toBe(true);

  await frame.evaluate(() => {
    const now = Date.now;
    Date.now = () => now() + 120_000;
  });
  await shout(newer);
  await expect.poll(() => frame.evaluate("window.marked").catch(() => true)).toBeUndefined();
  await widget.hears("v2 all the same");
  expect(await widget.marks()).toEqual(["v1", "v2"]);
});

test("nothing is stored before the visitor opens the chat", async ({ context, site, widget }) => {
  for (const locks of [true, false]) {
    if (!locks) await withoutLocks(context);
    await widget.page.goto(site.address("plain"));
    await widget.launcher.hover();
    // Drawn, though not shown.
    await expect(widget.frame.getByRole("main", { includeHidden: true })).toBeAttached();
    expect(widget.page.frames()).toHaveLength(2);
    expect(await stored(widget.page)).toEqual([]);
  }
  await expectStoredIsFound(widget.page, context);
});

test("without consent nothing is stored, and the visitor is told that a reload ends the chat", async ({
  context,
  site,
  agent,
}) => {
  const tabs = new Tabs(context, site.address("consent"));
  const first = await tabs.open();
  await first.ask();
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 hello");
  await first.hears("a1 hello");
  await first.message.fill("half a sen");
  await expect(first.frame.getByText(/reload/i)).toBeVisible();
  expect(first.page.frames()).toHaveLength(2);
  expect(await stored(first.page)).toEqual([]);
  const second = await tabs.open();
  await second.open();
  await second.hears("a1 hello");
  await second.say("v1 from the second");
  await agent.hears(chat, "v1 from the second");
  for (const { page } of tabs.all) expect(await stored(page)).toEqual([]);
});
