import { AgentConsole } from "./harness/console";
import { expect, test } from "./harness/test";
import { Widget } from "./harness/widget";

for (const scheme of ["light", "dark"] as const) {
  test(`look ${scheme}`, async ({ browser, site, endpoint, agent }) => {
    const phone = await browser.newContext({ viewport: { width: 390, height: 760 }, colorScheme: scheme });
    const page = await phone.newPage();
    const widget = new Widget(page);
    await page.goto(site.address("plain"));
    await widget.ask();
    await expect(widget.message).toBeVisible();
    await agent.action("set_routing_status", { status: "not_accepting_chats" });
    await expect(widget.frame.getByRole("button", { name: "Leave a message" })).toBeVisible({ timeout: 45000 });
    await page.screenshot({ path: `target/look/waiting-${scheme}.png` });
    await agent.action("set_routing_status", { status: "accepting_chats" });
    for (const width of [320, 1280]) {
      const context = await browser.newContext({ viewport: { width, height: 720 }, colorScheme: scheme });
      const console = new AgentConsole(await context.newPage(), endpoint);
      await console.signIn();
      await console.page.screenshot({ path: `target/look/console-${width}-${scheme}.png` });
      await console.waiting.getByRole("button").first().click();
      if (width == 320) await console.accept.click();
      await console.page.screenshot({ path: `target/look/console-chat-${width}-${scheme}.png` });
      if (width == 1280) await console.end.click().then(() => console.page.getByRole("group", { name: "End this chat for both?" }).getByRole("button", { name: /End/ }).first().click()).catch(() => {});
      await console.page.waitForTimeout(500);
      await console.page.screenshot({ path: `target/look/console-end-${width}-${scheme}.png` });
      await context.close();
    }
    await phone.close();
  });
}
