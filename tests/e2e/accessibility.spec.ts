// Every stage of the widget, the console and the demo page under every WCAG rule that a machine
// can check, in light and in dark.
import { bringAxe, chatFrame, expectNoViolations } from "./harness/axe";
import { AgentConsole } from "./harness/console";
import { expect, test } from "./harness/test";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("every stage of the widget", async ({ page, context, site, widget, agent }) => {
      await bringAxe(context);
      const check = async (stage: string) => {
        await expectNoViolations(chatFrame(page), stage);
        await expectNoViolations(page, `the page at ${stage}`);
      };
      await page.goto(site.address("plain"));
      await expect(widget.launcher).toBeVisible();
      await expectNoViolations(page, "launcher");

      await widget.open();
      await expect(widget.hello).toBeVisible();
      await check("hello");

      await widget.hello.click();
      await expect(widget.start).toBeVisible();
      await check("pre-chat");
      await widget.start.click();
      await expect(widget.field("name")).toHaveAttribute("aria-invalid", "true");
      await check("pre-chat with errors");

      await widget.fillIn();
      await widget.start.click();
      await expect.poll(async () => (await agent.waiting()).length).toBe(1);
      await expect(widget.start).toBeHidden();
      await check("waiting");

      const chat = await agent.acceptNext();
      await agent.say(chat, "a1 see https://example.com/prices");
      await widget.say("v1 thank you");
      await expect(widget.log.getByRole("link")).toBeVisible();
      await check("chatting");
      await widget.menu.click();
      await expect(widget.frame.getByRole("menuitem", { name: "End chat" })).toBeVisible();
      await check("menu");

      await widget.frame.getByRole("menuitem", { name: "End chat" }).click();
      await expect(widget.again).toBeVisible();
      await check("ended");
    });

    test("the console", async ({ browser, page, site, endpoint, widget }) => {
      const context = await browser.newContext({ colorScheme });
      await bringAxe(context);
      const agentConsole = new AgentConsole(await context.newPage(), endpoint);
      await agentConsole.visit();
      await expect(agentConsole.page.getByRole("button", { name: "Sign in" })).toBeVisible();
      await expectNoViolations(agentConsole.page, "sign-in");
      await agentConsole.signIn();
      await expectNoViolations(agentConsole.page, "empty agentConsole");

      await page.goto(site.address("plain"));
      await widget.ask();
      await expect(agentConsole.waiting.getByRole("listitem")).toHaveCount(1);
      await expectNoViolations(agentConsole.page, "a visitor waits");
      await agentConsole.acceptNext();
      await agentConsole.say("a1 hello");
      await widget.hears("a1 hello");
      await widget.say("v1 hello");
      await agentConsole.hears("v1 hello");
      await expectNoViolations(agentConsole.page, "conversation");
      await agentConsole.note.click();
      await expectNoViolations(agentConsole.page, "private note");
      await context.close();
    });

    test("the demo page", async ({ page, context, endpoint }) => {
      await bringAxe(context);
      await page.goto(`${endpoint.url}/demo/`);
      await expectNoViolations(page, "demo page");
    });
  });
}
