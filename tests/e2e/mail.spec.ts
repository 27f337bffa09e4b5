// A visitor leaves a message and goes; an agent answers the next day, and the visitor gets it by mail.
import { bringAxe, chatFrame, expectNoViolations } from "./harness/axe";
import { SmtpServer } from "./harness/smtp";
import { expect, test as base } from "./harness/test";
import { VISITOR } from "./harness/widget";

const WORDS = "Is the blue pot back?";
const ANSWER = "It is, in two sizes.";

/** After so long without a poll the endpoint takes a visitor for gone. */
const GONE_MS = 10_000;

const test = base.extend<{ smtp: SmtpServer }>({
  smtp: async ({}, use) => {
    const smtp = await SmtpServer.start();
    await use(smtp);
    await smtp.stop();
  },
});

test.beforeEach(async ({ endpoint, agent, smtp }) => {
  await endpoint.configure(`
    [mail]
    host = "127.0.0.1"
    port = ${smtp.port}
    security = "none"
    from = "Pots <team@pots.example>"
    alerts = ["maria@example.com"]
    gather_answers_s = 1

    [[deployment]]
    team_name = "Pots"
  `);
  await agent.action("set_routing_status", { status: "not_accepting_chats" });
});

test("an answer of the next day arrives by mail", async ({ page, site, widget, agentConsole, endpoint, smtp }) => {
  await page.goto(site.address("plain"));
  await widget.open();
  await widget.frame.getByRole("button", { name: "Leave a message" }).click();
  await widget.fillIn();
  await widget.message.fill(WORDS);
  await widget.frame.getByRole("button", { name: "Send message" }).click();
  await expect(widget.frame.getByText("We have your message")).toBeVisible();
  await widget.minimise.click();
  await page.goto("about:blank");
  const left = Date.now();
  await expect.poll(() => smtp.mails()).toHaveLength(1);
  const [alert] = await smtp.mails();
  expect(alert?.recipients).toEqual(["maria@example.com"]);
  expect(alert?.headers.subject).toBe(`New message from ${VISITOR.name}`);
  expect(alert?.text).toContain(`> ${WORDS}`);

  // The night.
  await endpoint.kill();
  await endpoint.start();
  await agentConsole.signIn();
  const messages = agentConsole.page.getByRole("list", { name: "Messages" });
  await messages.getByRole("button", { name: VISITOR.name }).click();
  await agentConsole.hears(WORDS);
  await expect.poll(() => Date.now() - left).toBeGreaterThan(GONE_MS);
  await agentConsole.say(ANSWER);
  await expect.poll(() => smtp.mails()).toHaveLength(2);
  const [, mail] = await smtp.mails();
  expect(mail?.sender).toBe("team@pots.example");
  expect(mail?.recipients).toEqual([VISITOR.email]);
  expect(mail?.headers.subject).toBe("Pots has answered you");
  expect(mail?.text).toContain(`Maria (Pots):\n\n${ANSWER}\n\nYou wrote:\n> ${WORDS}\n`);
  expect(mail?.text).toContain(`\n${site.address("plain")}`);
  expect(endpoint.log).not.toContain(VISITOR.email);

  // They find it in the window, too, and get no second mail.
  await page.goto(site.address("spa"));
  await expect(widget.launcher).toHaveAccessibleName("Open chat, 1 unread message");
  expect(await smtp.mails()).toHaveLength(2);
});

test("a visitor has the conversation sent when it ends, and afterwards", async ({ page, site, widget, agent, smtp }) => {
  await bringAxe(page.context());
  await agent.action("set_routing_status", { status: "accepting_chats" });
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await agent.say(chat, ANSWER);
  await widget.hears(ANSWER);

  await widget.frame.getByRole("button", { name: "Menu" }).click();
  await widget.frame.getByRole("menuitem", { name: "E-mail me the conversation" }).click();
  const address = widget.frame.getByRole("textbox", { name: "Your e-mail address" });
  const form = widget.frame.getByRole("form", { name: "E-mail me the conversation" });
  await expect(address).toBeFocused();
  await expect(address).toHaveValue(VISITOR.email);
  await expect(address).not.toHaveAttribute("aria-invalid");
  await expectNoViolations(chatFrame(page), "the form for an address");
  await address.fill("ada at example");
  await form.getByRole("button", { name: "Send" }).click();
  await expect(address).toHaveAccessibleDescription(/e-?mail/i);
  await address.fill("ada@home.example");
  await form.getByRole("button", { name: "Send" }).click();
  await expect(form).toBeHidden();
  await widget.hears("This conversation will be e-mailed to you when it ends.");
  expect(await smtp.mails()).toEqual([]);
  await widget.end();
  await expect.poll(() => smtp.mails()).toHaveLength(1);
  const [mail] = await smtp.mails();
  expect(mail?.recipients).toEqual(["ada@home.example"]);
  expect(mail?.headers.subject).toBe("Your conversation with Pots");
  expect(mail?.text).toContain(`Maria:\n${ANSWER}\n`);

  await widget.frame.getByRole("button", { name: "E-mail me the conversation" }).click();
  await address.fill("grace@example.com");
  await form.getByRole("button", { name: "Send" }).click();
  await expect.poll(() => smtp.mails()).toHaveLength(2);
  const [, again] = await smtp.mails();
  expect(again?.recipients).toEqual(["grace@example.com"]);
});
