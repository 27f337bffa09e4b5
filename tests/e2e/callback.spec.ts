// A visitor asks for a callback, and an agent makes it.
import { bringAxe, chatFrame, expectNoViolations } from "./harness/axe";
import { expect, test } from "./harness/test";
import { VISITOR } from "./harness/widget";

/** Somebody is always there by the hours, so that what counts is whether an agent accepts chats. */
const HOURS = `
[deployment.working_hours]
time_zone = "Europe/Berlin"
monday = ["00:00-24:00"]
tuesday = ["00:00-24:00"]
wednesday = ["00:00-24:00"]
thursday = ["00:00-24:00"]
friday = ["00:00-24:00"]
saturday = ["00:00-24:00"]
sunday = ["00:00-24:00"]
`;

test("nobody is there, and an agent calls later", async ({ page, site, widget, agent, agentConsole, endpoint }) => {
  await bringAxe(page.context());
  await bringAxe(agentConsole.page.context());
  await endpoint.configure(`[[deployment]]\nwhen_offline = "callback"\n${HOURS}`);
  await agent.action("set_routing_status", { status: "not_accepting_chats" });
  await page.goto(site.address("plain"));
  await widget.open();
  const ask = widget.frame.getByRole("button", { name: "Request a callback" });
  await expect(widget.hello).toHaveCount(0);
  await ask.click();
  await expect(widget.frame.getByRole("radio", { name: "By phone" })).toBeFocused();
  await expectNoViolations(chatFrame(page), "the form of a callback");

  // What is missing is said; who is called in the chat needs no number.
  const phone = widget.frame.getByRole("textbox", { name: "Phone number" });
  await widget.frame.getByRole("radio", { name: "In this chat" }).check();
  await expect(phone).toBeHidden();
  await widget.frame.getByRole("radio", { name: "By phone" }).check();
  await widget.fillIn();
  await ask.click();
  await expect(phone).toBeFocused();
  await phone.fill("+49 30 901820");
  await widget.frame.getByRole("checkbox").nth(1).check();
  await widget.frame.getByRole("textbox", { name: "What is it about?" }).fill("The blue pot");
  await ask.click();
  await expect(widget.frame.getByText("We call you back")).toBeVisible();
  await widget.hears("The blue pot");
  await page.screenshot({ path: "target/screenshots/callback-requested.png" });

  await agentConsole.signIn();
  const callbacks = agentConsole.page.getByRole("list", { name: "Callbacks" });
  const row = callbacks.getByRole("button", { name: VISITOR.name });
  await row.click();
  const how = agentConsole.page.getByRole("region", { name: "Callback" });
  await expect(how.getByRole("link", { name: "+49 30 901820" })).toHaveAttribute("href", "tel:+4930901820");
  await expect(how).toContainText("It suits: ");
  await expectNoViolations(agentConsole.page, "a callback in the console");
  await agentConsole.page.screenshot({ path: "target/screenshots/console-callback.png" });
  await agentConsole.page.getByRole("button", { name: "Missed" }).click();
  await expect(row).toHaveCount(0);
  await agentConsole.page.getByRole("button", { name: "Again" }).click();
  await expect(row).toHaveCount(1);
  await agentConsole.page.getByRole("button", { name: "Done" }).click();
  await expect(row).toHaveCount(0);
});

test("a visitor who waits asks for a callback and waits no more", async ({ page, site, widget, agent, endpoint }) => {
  await endpoint.configure("[[deployment]]\n[deployment.callback]\n");
  await agent.action("set_routing_status", { status: "accepting_chats" });
  await page.goto(site.address("plain"));
  await widget.ask();
  await widget.say("Hello?");
  await page.screenshot({ path: "target/screenshots/waiting-callback.png" });
  const ask = widget.frame.getByRole("button", { name: "Request a callback" });
  await ask.click();
  // The place in the queue is kept as long as the form is open.
  await widget.frame.getByRole("button", { name: "Back", exact: true }).click();
  await widget.hears("Hello?");
  await ask.click();
  await widget.frame.getByRole("radio", { name: "In this chat" }).check();
  await ask.click();
  await expect(widget.frame.getByText("We call you back")).toBeVisible();
  await widget.hears("Please call me back.");
  expect(await agent.waiting()).toEqual([]);

  // The answer in the chat is found on another page.
  interface Listed {
    messages: { chat_id: string; thread_id: string; callback: { type: string } }[];
  }
  const listed = await agent.action<Listed>("list_offline_messages", { callbacks: true });
  expect(listed.messages.map((message) => message.callback.type)).toEqual(["chat"]);
  const { chat_id, thread_id } = listed.messages[0] as Listed["messages"][0];
  await widget.minimise.click();
  await page.goto("about:blank");
  await agent.action("send_event", { chat_id, thread_id, event: { type: "message", text: "Here we are." } });
  await page.goto(site.address("plain"));
  await expect(widget.launcher).toHaveAccessibleName(/1/);
});

test("an agent who comes while the form is open is who the visitor talks to", async ({ page, site, widget, agent, endpoint }) => {
  await endpoint.configure("[[deployment]]\n[deployment.callback]\n");
  await agent.action("set_routing_status", { status: "accepting_chats" });
  await page.goto(site.address("plain"));
  await widget.ask();
  await widget.frame.getByRole("button", { name: "Request a callback" }).click();
  await widget.frame.getByRole("textbox", { name: "What is it about?" }).fill("The blue pot");
  await agent.acceptNext();
  await expect(widget.message).toHaveValue("The blue pot");
});

test("an agent is rung when a callback becomes due", async ({ page, site, widget, agent, agentConsole, endpoint }) => {
  await endpoint.configure("[[deployment]]\n[deployment.callback]\n");
  await agent.action("set_routing_status", { status: "accepting_chats" });
  const console = agentConsole.page;
  await console.addInitScript(() => {
    const counted = Object.assign(window, { tones: 0 });
    const create = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function (): OscillatorNode {
      counted.tones += 1;
      return create.call(this);
    };
  });
  const tones = (): Promise<number> => console.evaluate(() => (window as unknown as { tones: number }).tones);
  await agentConsole.signIn();
  await page.goto(site.address("plain"));
  await widget.ask();
  await widget.frame.getByRole("button", { name: "Request a callback" }).click();
  await widget.frame.getByRole("radio", { name: "In this chat" }).check();
  await widget.frame.getByRole("button", { name: "Request a callback" }).click();
  await expect(widget.frame.getByText("We call you back")).toBeVisible();
  const row = console.getByRole("list", { name: "Callbacks" }).getByRole("listitem");
  const due = row.getByRole("button", { name: /^Ada Lovelace\s?, due$/ });
  // Without a time that suits it is due at once.
  await expect(due).toBeVisible();
  await expect(console).toHaveTitle("(1) Parlor");

  interface Listed {
    messages: { chat_id: string; thread_id: string }[];
  }
  const { messages } = await agent.action<Listed>("list_offline_messages", { callbacks: true });
  const due_at = new Date(Date.now() + 6_000).toISOString();
  const { chat_id, thread_id } = messages[0] as Listed["messages"][0];
  await agent.action("update_offline_message", { chat_id, thread_id, is_open: true, due_at });
  await expect(due).toHaveCount(0);
  await expect(row).toHaveCount(1);
  await expect(console).toHaveTitle("Parlor");
  const before = await tones();
  await expect(due).toBeVisible();
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(due_at) - 2_000);
  await expect(console).toHaveTitle("(1) Parlor");
  await expect(row).toContainText("due, 0:");
  await expect.poll(tones).toBeGreaterThan(before);
  await console.screenshot({ path: "target/screenshots/console-callback-due.png" });

  await console.reload();
  await expect(due).toBeVisible();
  await expect(console).toHaveTitle("(1) Parlor");
});
