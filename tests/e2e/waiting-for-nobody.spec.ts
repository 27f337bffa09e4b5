// The last agent leaves while a visitor waits: the visitor reads that nobody is there, and may leave a
// message instead of waiting.
import { bringAxe, chatFrame, expectNoViolations } from "./harness/axe";
import { expect, test } from "./harness/test";
import { VISITOR } from "./harness/widget";

/** The window asks every half minute who is there. */
const FOLLOWED = { timeout: 45_000 };

interface Listed {
  messages: { text: string; name: string }[];
}

test("a visitor who waits for nobody leaves a message and waits no more", async ({ page, site, widget, agent }) => {
  test.slow();
  await bringAxe(page.context());
  await page.goto(site.address("plain"));
  await widget.ask();
  await widget.say("v1 hello?");
  const leave = widget.frame.getByRole("button", { name: "Leave a message" });
  await expect(leave).toHaveCount(0);
  await agent.action("set_routing_status", { status: "not_accepting_chats" });
  await expect(leave).toBeVisible(FOLLOWED);
  await expect(widget.frame.getByText("Nobody is at the desk just now.")).toBeVisible();
  await expectNoViolations(chatFrame(page), "waiting for nobody");
  await page.screenshot({ path: "target/screenshots/waiting-for-nobody.png" });

  // What was begun is in the form, and "Back" keeps the place.
  await widget.message.fill("Is the blue pot");
  await leave.click();
  await expect(widget.message).toBeFocused();
  await expect(widget.message).toHaveValue("Is the blue pot");
  await expect(widget.field("email")).toHaveValue(VISITOR.email);
  await expectNoViolations(chatFrame(page), "the form of a message while waiting");
  await page.screenshot({ path: "target/screenshots/waiting-message-form.png" });
  await widget.frame.getByRole("button", { name: "Back", exact: true }).click();
  await widget.hears("v1 hello?");
  await expect(widget.message).toHaveValue("Is the blue pot");
  expect(await agent.waiting()).toHaveLength(1);

  await leave.click();
  await widget.message.fill("Is the blue pot back?");
  await widget.frame.getByRole("button", { name: "Send message" }).click();
  await expect(widget.frame.getByText("We have your message")).toBeVisible();
  expect(await agent.waiting()).toEqual([]);
  const { messages } = await agent.action<Listed>("list_offline_messages", {});
  expect(messages.map(({ text, name }) => [text, name])).toEqual([["Is the blue pot back?", VISITOR.name]]);
});

test("an agent who comes while the form is open is who the visitor talks to", async ({ page, site, widget, agent }) => {
  test.slow();
  await page.goto(site.address("plain"));
  await widget.ask();
  await widget.say("v1 hello?");
  await agent.action("set_routing_status", { status: "not_accepting_chats" });
  await widget.frame.getByRole("button", { name: "Leave a message" }).click(FOLLOWED);
  await widget.message.fill("Is the blue pot back?");
  await agent.action("set_routing_status", { status: "accepting_chats" });
  await agent.acceptNext();
  await expect(widget.send).toBeVisible();
  await expect(widget.message).toHaveValue("Is the blue pot back?");
  await widget.send.click();
  await widget.hears("Is the blue pot back?");
  const { messages } = await agent.action<Listed>("list_offline_messages", {});
  expect(messages).toEqual([]);
});
