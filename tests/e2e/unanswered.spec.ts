// By one key an agent goes from one visitor who waits for an answer to the next.
import type { Browser, Page } from "@playwright/test";
import { expect, test } from "./harness/test";
import type { Site } from "./harness/site";
import { VISITOR, Widget } from "./harness/widget";

async function comes(page: Page, site: Site, name: string): Promise<Widget> {
  await page.goto(site.address("plain"));
  const widget = new Widget(page);
  await widget.open();
  await widget.hello.click();
  await widget.fillIn({ ...VISITOR, name, email: `${name.toLowerCase()}@example.com` });
  await widget.start.click();
  return widget;
}

async function another(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

test("an agent goes to the next unanswered chat by a key, also while writing", async ({ page, site, browser, agentConsole }) => {
  await agentConsole.signIn();
  const ada = await comes(page, site, "Ada");
  await agentConsole.acceptNext();
  const [second, third] = [await another(browser), await another(browser)];
  const ben = await comes(second, site, "Ben");
  await agentConsole.acceptNext();
  await ada.say("v1 Hello?");
  await ben.say("v2 Are you there?");
  await agentConsole.hears("v2 Are you there?");
  await comes(third, site, "Cem");
  await expect(agentConsole.waiting.getByRole("listitem")).toHaveCount(1);

  const console = agentConsole.page;
  const { keyboard } = console;
  const who = console.getByRole("region", { name: "Open chat" }).getByRole("heading", { level: 2 });
  await expect(who).toHaveText("Ben");
  await agentConsole.reply.fill("not an");
  await agentConsole.reply.press("n");
  await expect(agentConsole.reply, "letters are text").toHaveValue("not ann");
  await keyboard.press("Alt+Shift+ArrowDown");
  await expect(who).toHaveText("Ada");
  await expect(agentConsole.reply).toBeFocused();
  await expect(agentConsole.reply).toHaveValue("");
  await keyboard.press("Alt+Shift+ArrowDown");
  await expect(who).toHaveText("Ben");
  await expect(agentConsole.reply).toHaveValue("not ann");
  await keyboard.press("Alt+Shift+ArrowDown");
  await expect(who).toHaveText("Cem");
  await expect(agentConsole.waiting.getByRole("button")).toBeFocused();
  await keyboard.press("n");
  await expect(who).toHaveText("Ada");
  await expect(agentConsole.reply).toBeFocused();
  await keyboard.type("a1 Good morning");
  await keyboard.press("Enter");
  await ada.hears("a1 Good morning");
  await keyboard.press("Escape");
  await keyboard.press("n");
  await expect(who, "Ada is answered").toHaveText("Ben");

  // It is in the list of keys, and letters can be turned off.
  await console.locator("summary[aria-label=Keyboard]").click();
  await expect(console.getByText("next chat that needs an answer")).toBeVisible();
  await console.screenshot({ path: "target/screenshots/console-keys.png" });
  await console.getByRole("checkbox", { name: "Use J, K, N, D and /" }).uncheck();
  await keyboard.press("Escape");
  await agentConsole.log.focus();
  await keyboard.press("n");
  await keyboard.press("Alt+Shift+ArrowDown");
  await expect(who, "one step, by the keys that are left").toHaveText("Cem");
  await Promise.all([second, third].map((page) => page.context().close()));
});
