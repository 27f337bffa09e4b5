// A whole conversation without a mouse.
import type { Locator, Page } from "@playwright/test";
import { PASSWORD } from "./harness/endpoint";
import { expect, test } from "./harness/test";
import { FIELDS, VISITOR } from "./harness/widget";

/** No stage has more stops than this between two things that one wants. */
const STOPS = 25;

async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stop = 0; stop < STOPS; stop++) {
    const there = await target.evaluate(
      (element) => (element.getRootNode() as Document | ShadowRoot).activeElement === element,
    );
    if (there) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${target}`);
}

test("a visitor has a whole conversation with the keyboard only", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await tabTo(page, widget.launcher);
  await page.keyboard.press("Enter");
  await expect(widget.hello).toBeVisible();

  await tabTo(page, widget.hello);
  await page.keyboard.press("Enter");
  for (const name of FIELDS) {
    await tabTo(page, widget.field(name));
    await page.keyboard.type(VISITOR[name]);
  }
  await tabTo(page, widget.start);
  await page.keyboard.press("Enter");

  const chat = await agent.acceptNext();
  await tabTo(page, widget.message);
  await page.keyboard.type("v1 by keyboard");
  await page.keyboard.press("Enter");
  await agent.hears(chat, "v1 by keyboard");

  // A message that arrives takes no focus.
  await page.keyboard.type("v2 with");
  await agent.say(chat, "a1 in between");
  await widget.hears("a1 in between");
  await expect(widget.message).toBeFocused();
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("two lines");
  await page.keyboard.press("Enter");
  await agent.hears(chat, "v2 with\ntwo lines");

  // Away with Escape, the focus is back where it was; and in again, at the composer.
  await page.keyboard.press("Escape");
  await expect(widget.launcher).toBeFocused();
  await expect(widget.launcher).toHaveAccessibleName("Open chat");
  await page.keyboard.press("Enter");
  await expect(widget.message).toBeFocused();

  await tabTo(page, widget.menu);
  await page.keyboard.press("Enter");
  const item = widget.frame.getByRole("menuitem", { name: "End chat" });
  await expect(item).toBeVisible();
  for (let stop = 0; stop < STOPS && !(await item.evaluate((it) => it === it.ownerDocument.activeElement)); stop++) {
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await tabTo(page, widget.again);
  await page.keyboard.press("Enter");
  await expect(widget.hello.or(widget.start)).toBeVisible();
});

test("an agent answers with the keyboard only", async ({ page, site, widget, agentConsole, endpoint }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  await agentConsole.visit();
  const keyboard = agentConsole.page.keyboard;
  await tabTo(agentConsole.page, agentConsole.page.getByRole("textbox", { name: "Email" }));
  await keyboard.type(endpoint.email);
  await tabTo(agentConsole.page, agentConsole.page.getByRole("textbox", { name: "Password" }));
  await keyboard.type(PASSWORD);
  await keyboard.press("Enter");

  await tabTo(agentConsole.page, agentConsole.waiting.getByRole("button").first());
  await keyboard.press("Enter");
  await tabTo(agentConsole.page, agentConsole.accept);
  await keyboard.press("Enter");
  await tabTo(agentConsole.page, agentConsole.reply);
  await keyboard.type("a1 by keyboard");
  await keyboard.press("Enter");
  await widget.hears("a1 by keyboard");
  await tabTo(agentConsole.page, agentConsole.end);
  await keyboard.press("Enter");
  await expect(agentConsole.page.getByRole("button", { name: "Keep" })).toBeVisible();
  await tabTo(agentConsole.page, agentConsole.end);
  await keyboard.press("Enter");
  await expect(widget.again).toBeVisible();
});
