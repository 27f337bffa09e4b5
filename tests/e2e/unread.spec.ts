// What arrives while the window is minimised is counted on the launcher.
import { expect, test } from "./harness/test";

test("the launcher displays the number of unread messages, and its name contains it", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await expect(widget.launcher).toHaveAccessibleName("Open chat");
  await widget.ask();
  await expect(widget.launcher).toHaveAccessibleName("Close chat");
  const chat = await agent.acceptNext();
  await expect(widget.message).toBeVisible();
  await agent.say(chat, "a1 seen at once");
  await widget.hears("a1 seen at once");

  await widget.minimise.click();
  await expect(widget.launcher).toHaveAccessibleName("Open chat");
  await expect(widget.launcher).toBeFocused();
  await agent.say(chat, "a2 not seen");
  await expect(widget.launcher).toHaveAccessibleName("Open chat, 1 unread message");
  await agent.say(chat, "a3 not seen");
  await expect(widget.launcher).toHaveAccessibleName("Open chat, 2 unread messages");
  await expect(widget.launcher).toHaveText("2");

  await widget.open();
  await widget.hears("a3 not seen");
  await widget.launcher.click();
  await expect(widget.launcher).toHaveAccessibleName("Open chat");
});
