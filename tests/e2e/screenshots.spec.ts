// Pictures of every stage, for people to look at: `target/screenshots/<stage>-<device>-<scheme>.png`.
// What a machine can tell of a picture is checked: nothing sticks out of the window sideways.
import type { Frame, Page } from "@playwright/test";
import { chatFrame } from "./harness/axe";
import { Desk } from "./harness/desk";
import { expect, test } from "./harness/test";

const DEVICES = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
};

async function fits(where: Page | Frame, what: string): Promise<void> {
  const over = await where.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  expect.soft(over, `${what} sticks out sideways`).toBeLessThanOrEqual(0);
}

for (const [device, viewport] of Object.entries(DEVICES)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${device}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test("the widget in the demo shop", async ({ page, endpoint, widget, agent }) => {
        const shoot = async (stage: string) => {
          if (stage !== "launcher") await fits(chatFrame(page), stage);
          const path = `target/screenshots/${stage}-${device}-${colorScheme}.png`;
          await page.screenshot({ path, animations: "disabled" });
        };
        await page.goto(`${endpoint.url}/demo/`);
        await fits(page, "the demo page");
        await expect(widget.launcher).toBeVisible();
        await shoot("launcher");
        await widget.open();
        await expect(widget.hello).toBeVisible();
        await shoot("hello");
        await widget.hello.click();
        await expect(widget.start).toBeVisible();
        await shoot("prechat");
        await widget.start.click();
        await expect(widget.field("name")).toHaveAttribute("aria-invalid", "true");
        await shoot("prechat-errors");
        await widget.fillIn();
        await widget.start.click();
        await expect.poll(async () => (await agent.waiting()).length).toBe(1);
        await expect(widget.start).toBeHidden();
        await shoot("waiting");
        const chat = await agent.acceptNext();
        await agent.say(chat, "Good morning Ada! Yes, it is raining here, but the shop is dry.");
        await agent.say(chat, "Opening hours are at https://example.com/hours");
        await widget.hears("Good morning Ada! Yes, it is raining here, but the shop is dry.");
        await widget.say("Then I will come by this afternoon.");
        await widget.say("Do you have the blue pot in two sizes? I would like to put one beside the other on the window sill, if they are not too heavy.");
        await shoot("chatting");
        await widget.menu.click();
        await expect(widget.room.getByRole("menuitem", { name: "End chat" })).toBeVisible();
        await shoot("menu");
        await widget.room.getByRole("menuitem", { name: "End chat" }).click();
        await expect(widget.again).toBeVisible();
        await shoot("ended");
      });

      test("the console", async ({ browser, page, endpoint, site, widget }) => {
        const context = await browser.newContext({ viewport, colorScheme });
        const desk = new Desk(await context.newPage(), endpoint);
        const shoot = async (stage: string) => {
          await fits(desk.page, `console, ${stage}`);
          const path = `target/screenshots/console-${stage}-${device}-${colorScheme}.png`;
          await desk.page.screenshot({ path, animations: "disabled" });
        };
        await desk.visit();
        await expect(desk.page.getByRole("button", { name: "Sign in" })).toBeVisible();
        await shoot("sign-in");
        await desk.signIn();
        await shoot("empty");
        await page.goto(site.address("plain"));
        await widget.ask();
        await expect(desk.waiting.getByRole("listitem")).toHaveCount(1);
        await shoot("waiting");
        await desk.acceptNext();
        await desk.say("Good morning! How can I help?");
        await widget.hears("Good morning! How can I help?");
        await widget.say("Is the blue pot still there?");
        await desk.hears("Is the blue pot still there?");
        await shoot("conversation");
        await context.close();
      });
    });
  }
}
