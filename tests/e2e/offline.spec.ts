// Nobody is there: a visitor leaves a message, an agent answers later, and the visitor finds the answer.
import { bringAxe, chatFrame, expectNoViolations } from "./harness/axe";
import { expect, test } from "./harness/test";
import { VISITOR, Widget } from "./harness/widget";

const WORDS = "Is the blue pot back?";

test.beforeEach(async ({ agent }) => agent.action("set_routing_status", { status: "not_accepting_chats" }));

test("a message is answered, and the answer is found on another page", async ({ page, site, widget, agentConsole }) => {
  await bringAxe(page.context());
  await bringAxe(agentConsole.page.context());
  await page.goto(site.address("plain"));
  await widget.open();
  await widget.frame.getByRole("button", { name: "Leave a message" }).click();
  await expect(widget.message).toBeFocused();
  await expectNoViolations(chatFrame(page), "the form of a message");

  // What is missing is said, and a reload loses nothing.
  const submit = widget.frame.getByRole("button", { name: "Send message" });
  await widget.message.fill(WORDS);
  await submit.click();
  await expect(widget.field("name")).toBeFocused();
  await widget.fillIn({ ...VISITOR, email: "ada at example" });
  await submit.click();
  await expect(widget.field("email")).toHaveAccessibleDescription(/e-?mail/i);
  await page.reload();
  await widget.open();
  await widget.frame.getByRole("button", { name: "Leave a message" }).click();
  await expect(widget.message).toHaveValue(WORDS);
  await expect(widget.field("name")).toHaveValue(VISITOR.name);
  await widget.field("email").fill(VISITOR.email);
  await submit.click();
  await expect(widget.frame.getByText("We have your message")).toBeVisible();
  await widget.hears(WORDS);
  await expectNoViolations(chatFrame(page), "a message that was left");

  await widget.minimise.click();
  await page.goto("about:blank");
  await agentConsole.signIn();
  const messages = agentConsole.page.getByRole("list", { name: "Messages" });
  await messages.getByRole("button", { name: VISITOR.name }).click();
  await agentConsole.hears(WORDS);
  await expect(agentConsole.page.getByText(VISITOR.email).first()).toBeVisible();
  await expectNoViolations(agentConsole.page, "the console with a message");
  await agentConsole.say("It is, in two sizes.");
  await expect(messages.getByRole("button")).toHaveCount(0);

  // The launcher tells of it although nobody has touched it.
  await page.goto(site.address("spa"));
  await expect(widget.launcher).toHaveAccessibleName("Open chat, 1 unread message");
  await widget.open();
  await widget.frame.getByRole("button", { name: /It is, in two sizes.*1 new message/ }).click();
  await widget.hears("It is, in two sizes.");
  await page.goto(site.address("plain"));
  await widget.launcher.hover();
  await expect(widget.frame.getByRole("button", { name: "Leave a message" })).toBeAttached();
  await expect(widget.launcher).toHaveAccessibleName("Open chat");
});

test("an answer that comes soon is displayed below the message", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.open();
  await widget.frame.getByRole("button", { name: "Leave a message" }).click();
  await widget.fillIn();
  await widget.message.fill(WORDS);
  await widget.frame.getByRole("button", { name: "Send message" }).click();
  await expect(widget.frame.getByText("We have your message")).toBeVisible();
  interface Listed {
    messages: { chat_id: string; thread_id: string; text: string }[];
  }
  const listed = await agent.action<Listed>("list_offline_messages", {});
  expect(listed.messages.map((message) => message.text)).toEqual([WORDS]);
  const { chat_id, thread_id } = listed.messages[0] as Listed["messages"][0];
  const event = { type: "message", text: "It is, in two sizes." };
  await agent.action("send_event", { chat_id, thread_id, event });
  await widget.hears("It is, in two sizes.");
  await widget.frame.getByRole("button", { name: "Back" }).click();
  await expect(widget.frame.getByRole("button", { name: "Leave a message" })).toBeFocused();
});

test("if the last agent leaves meanwhile, the answers are in the form of a message", async ({ page, site, widget, agent }) => {
  await agent.action("set_routing_status", { status: "accepting_chats" });
  await page.goto(site.address("plain"));
  await widget.open();
  await widget.hello.click();
  await widget.fillIn();
  await agent.action("set_routing_status", { status: "not_accepting_chats" });
  await widget.start.click();
  await expect(widget.frame.getByRole("heading", { name: "Leave a message" })).toBeVisible();
  await expect(widget.field("email")).toHaveValue(VISITOR.email);
  await expect(widget.field("question")).toHaveValue(VISITOR.question);
});

test("an agent marks a message as done", async ({ page, site, widget, agentConsole }) => {
  await page.goto(site.address("plain"));
  await widget.open();
  await widget.frame.getByRole("button", { name: "Leave a message" }).click();
  await widget.fillIn();
  await widget.message.fill(WORDS);
  await widget.frame.getByRole("button", { name: "Send message" }).click();
  await expect(widget.frame.getByText("We have your message")).toBeVisible();
  await agentConsole.signIn();
  const messages = agentConsole.page.getByRole("list", { name: "Messages" });
  await messages.getByRole("button", { name: VISITOR.name }).click();
  await agentConsole.page.getByRole("button", { name: "Mark as done" }).click();
  await expect(messages.getByRole("button")).toHaveCount(0);
});

test("with `data-when-offline` the launcher is there while somebody is", async ({ browser, page, site, widget, agent, endpoint }) => {
  await endpoint.configure("[routing]\nconcurrent_chats = 1\n");
  await agent.action("set_routing_status", { status: "not_accepting_chats" });
  const asked = page.waitForResponse(/Visitor\/Settings/);
  await page.goto(site.address("when-offline"));
  await asked;
  await expect(widget.launcher).toBeHidden();
  await agent.action("set_routing_status", { status: "accepting_chats" });
  await page.reload();
  await expect(widget.launcher).toBeVisible();

  // The only agent has as many chats as they have at a time: who comes now waits for them.
  await widget.ask();
  await agent.acceptNext();
  const other = await browser.newContext();
  const next = new Widget(await other.newPage());
  await next.page.goto(site.address("when-offline"));
  await expect(next.launcher).toBeVisible();
  await other.close();
});

test("a launcher that cannot know whether somebody is there is shown", async ({ page, site, widget }) => {
  await page.route(/Visitor\/Settings/, (route) => route.abort());
  await page.goto(site.address("when-offline"));
  await expect(widget.launcher).toBeVisible();
});
