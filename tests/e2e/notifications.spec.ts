// Desktop notifications of the console: asked for by a click, and without what a visitor wrote.
import type { Page } from "@playwright/test";
import { bringAxe, expectNoViolations } from "./harness/axe";
import { expect, test } from "./harness/test";
import { VISITOR } from "./harness/widget";

interface Shown {
  title: string;
  tag: string;
  everything: string;
  closed: boolean;
}

interface Spied extends Window {
  shown: (Shown & { itself: Notification })[];
  asked: number;
  looking: boolean;
}

/** Records what the page asks of the browser. The browser's own notifications are shown. */
async function spy(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const spied = window as unknown as Spied;
    Object.assign(spied, { shown: [], asked: 0, looking: true });
    const close = Notification.prototype.close;
    Notification.prototype.close = function (): void {
      for (const one of spied.shown) if (one.itself === this) one.closed = true;
      close.call(this);
    };
    const request = Notification.requestPermission.bind(Notification);
    Notification.requestPermission = () => {
      spied.asked += 1;
      return request();
    };
    window.Notification = new Proxy(Notification, {
      construct(target, [title, options]: [string, NotificationOptions]) {
        const itself = new target(title, options);
        const everything = JSON.stringify([title, options]);
        spied.shown.push({ title, tag: options.tag ?? "", everything, closed: false, itself });
        return itself;
      },
    });
    document.hasFocus = () => spied.looking;
    window.focus = () => {
      spied.looking = true;
      window.dispatchEvent(new Event("focus"));
    };
  });
}

async function shown(page: Page): Promise<Shown[]> {
  return page.evaluate(() =>
    (window as unknown as Spied).shown.map(({ title, tag, everything, closed }) => ({ title, tag, everything, closed })),
  );
}

async function titles(page: Page): Promise<string[]> {
  return (await shown(page)).map(({ title }) => title);
}

async function asked(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as Spied).asked);
}

async function lookAway(page: Page): Promise<void> {
  await page.evaluate(() => {
    (window as unknown as Spied).looking = false;
    window.dispatchEvent(new Event("blur"));
  });
}

/** The person clicks the newest notification. */
async function clickNewest(page: Page): Promise<void> {
  await page.evaluate(() => {
    const newest = (window as unknown as Spied).shown.at(-1);
    newest?.itself.dispatchEvent(new Event("click"));
  });
}

test("an agent who wants notifications is told who waits and who wrote", async ({ page, site, widget, agent, agentConsole }) => {
  const console = agentConsole.page;
  await console.context().grantPermissions(["notifications"]);
  await bringAxe(console.context());
  await spy(console);
  await agentConsole.signIn();
  const wanted = console.getByRole("button", { name: "Desktop notifications" });
  await expect(wanted).toHaveAttribute("aria-pressed", "false");
  expect(await asked(console), "nothing is asked before the click").toBe(0);
  await wanted.focus();
  await console.keyboard.press("Enter");
  await expect(wanted).toHaveAttribute("aria-pressed", "true");
  expect(await asked(console)).toBe(1);
  await expectNoViolations(console, "notifications are on");
  await console.reload();
  await expect(wanted).toHaveAttribute("aria-pressed", "true");
  expect(await asked(console), "and not again").toBe(0);

  await lookAway(console);
  await page.goto(site.address("plain"));
  await widget.ask();
  await expect.poll(() => titles(console)).toEqual([`${VISITOR.name} is waiting`]);
  await agent.acceptNext();
  await expect.poll(() => titles(console)).toContain(`New chat with ${VISITOR.name}`);
  await widget.say("My card has the number 4111");
  await expect.poll(() => titles(console)).toContain(`New message from ${VISITOR.name}`);
  const all = await shown(console);
  expect(all.map(({ closed }) => closed)).toEqual([true, false, false]);
  expect(new Set(all.map(({ tag }) => tag)).size, "each takes the place of the one before").toBe(1);
  const words = all.map(({ everything }) => everything).join();
  expect(words).not.toContain("4111");
  expect(words).not.toContain(VISITOR.question);
  expect(words).not.toContain(VISITOR.email);

  await clickNewest(console);
  await agentConsole.hears("My card has the number 4111");
  expect((await shown(console)).at(-1)?.closed).toBe(true);

  // Not while the agent looks at the page, and not once they are off.
  await widget.say("Are you there?");
  await agentConsole.hears("Are you there?");
  await wanted.click();
  await expect(wanted).toHaveAttribute("aria-pressed", "false");
  await lookAway(console);
  await widget.say("Hello?");
  await expect(agentConsole.mine.getByRole("button", { name: "1 unread message" })).toBeVisible();
  expect(await shown(console)).toHaveLength(3);
});

test("an agent whose browser refuses notifications is told so", async ({ agentConsole }) => {
  const console = agentConsole.page;
  await spy(console);
  // A headless browser refuses whatever was not granted.
  await agentConsole.signIn();
  const wanted = console.getByRole("button", { name: "Desktop notifications" });
  await wanted.click();
  await expect(console.getByRole("alert")).toContainText("Your browser blocks notifications of this page.");
  await expect(wanted).toHaveAttribute("aria-pressed", "false");
  await console.screenshot({ path: "target/screenshots/console-notifications-refused.png" });
});
