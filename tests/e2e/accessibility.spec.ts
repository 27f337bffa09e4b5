// Every stage of the widget, the console and the demo page under every WCAG rule that a machine
// can check, in light and in dark.
import { bringAxe, chatFrame, expectNoViolations } from "./harness/axe";
import { Desk } from "./harness/desk";
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
      await expect(widget.room.getByRole("menuitem", { name: "End chat" })).toBeVisible();
      await check("menu");

      await widget.room.getByRole("menuitem", { name: "End chat" }).click();
      await expect(widget.again).toBeVisible();
      await check("ended");
    });

    test("the console", async ({ browser, page, site, endpoint, widget }) => {
      const context = await browser.newContext({ colorScheme });
      await bringAxe(context);
      const desk = new Desk(await context.newPage(), endpoint);
      await desk.visit();
      await expect(desk.page.getByRole("button", { name: "Sign in" })).toBeVisible();
      await expectNoViolations(desk.page, "sign-in");
      await desk.signIn();
      await expectNoViolations(desk.page, "empty desk");

      await page.goto(site.address("plain"));
      await widget.ask();
      await expect(desk.waiting.getByRole("listitem")).toHaveCount(1);
      await expectNoViolations(desk.page, "a visitor waits");
      await desk.acceptNext();
      await desk.say("a1 hello");
      await widget.hears("a1 hello");
      await widget.say("v1 hello");
      await desk.hears("v1 hello");
      await expectNoViolations(desk.page, "conversation");
      await desk.note.click();
      await expectNoViolations(desk.page, "private note");
      await context.close();
    });

    test("the demo page", async ({ page, context, endpoint }) => {
      await bringAxe(context);
      await page.goto(`${endpoint.url}/demo/`);
      await expectNoViolations(page, "demo page");
    });
  });
}
