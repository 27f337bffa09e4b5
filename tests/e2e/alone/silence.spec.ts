// Answers stop coming while the visitor looks: the window says so within five seconds. When the network is
// back, everything is there within two, though every connection from before stays dead.
import type { Frame } from "@playwright/test";
import { chatFrame } from "../harness/axe";
import type { FaultyProxy } from "../harness/proxy";
import { expect, test } from "../harness/test";

const SAID_WITHIN_MS = 5_000;
const OVER_WITHIN_MS = 2_000;
/** A busy machine paints and measures late; the promise is about the product. */
const MEASURED_LATE_MS = 500;

const DEATHS: Record<string, (faultyProxy: FaultyProxy) => void> = {
  "polls are not answered, other requests are": (faultyProxy) => {
    faultyProxy.deaf = (kind) => kind === "Messages";
  },
  "no request is answered": (faultyProxy) => {
    faultyProxy.deaf = () => true;
  },
  "no request arrives, and none is answered": (faultyProxy) => {
    faultyProxy.deaf = () => true;
    faultyProxy.faults = () => ({ is: "swallowed" });
  },
};

for (const [death, strike] of Object.entries(DEATHS)) {
  test(`an outage is displayed within seconds: ${death}`, async ({ page, site, faultyProxy, widget, agent }) => {
    await page.goto(site.address("plain"));
    await widget.ask();
    const chat = await agent.acceptNext();
    await widget.say("v1 before");
    await agent.say(chat, "a1 before");
    await widget.hears("a1 before");
    const frame = chatFrame(page);

    const reconnecting = shows(frame, "econnecting", true);
    strike(faultyProxy);
    const cut = Date.now();
    await agent.say(chat, "a2 into silence");
    const noticed = (await reconnecting) - cut;
    await widget.message.fill("v2 into silence");
    await widget.send.click();
    // Long enough for what is tried meanwhile to fill every connection that a browser has.
    await page.waitForTimeout(8_000);

    const [heard, over] = [shows(frame, "a2 into silence", true), shows(frame, "econnecting", false)];
    faultyProxy.deaf = () => false;
    faultyProxy.faults = () => undefined;
    const back = Date.now();
    const recovered = Math.max(await heard, await over) - back;
    await agent.hears(chat, "v2 into silence");
    console.log(`${death}: noticed after ${noticed} ms, recovered after ${recovered} ms`);
    expect(noticed).toBeLessThan(SAID_WITHIN_MS + MEASURED_LATE_MS);
    expect(recovered).toBeLessThan(OVER_WITHIN_MS + MEASURED_LATE_MS);
    const said = (await agent.said(chat)).map((text) => text.slice(0, 2));
    expect(new Set(said)).toEqual(new Set(["v1", "a1", "v2", "a2"]));
    await expect.poll(() => widget.marks()).toEqual(said);
  });
}

test("a slow connection on a slow device is not displayed as an outage", async ({ page, site, faultyProxy, widget, agent }) => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await cdp.send("Network.enable");
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.say("v1 before");
  // A second there and back: slower than what a person calls slow.
  faultyProxy.faults = ({ kind }) => (kind ? { is: "delayed", ms: 1_000 } : undefined);
  const frame = chatFrame(page);
  let troubled = false;
  void shows(frame, "econnecting", true).then(
    () => (troubled = true),
    () => {},
  );
  for (const turn of [2, 3, 4]) {
    await widget.say(`v${turn} slowly`);
    await agent.say(chat, `a${turn} slowly`);
    await widget.hears(`a${turn} slowly`);
    await agent.hears(chat, `v${turn} slowly`);
  }
  expect(troubled, "“Reconnecting…” was shown").toBe(false);
  const said = (await agent.said(chat)).map((text) => text.slice(0, 2));
  await expect.poll(() => widget.marks()).toEqual(said);
});

/** When the document begins to show this text, or no longer does: measured where it happens. */
function shows(frame: Frame, text: string, wanted: boolean): Promise<number> {
  return frame.evaluate(
    ({ text, wanted }) =>
      new Promise<number>((done) => {
        const shown = () => {
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const { nodeValue, parentElement } = texts.currentNode;
            if (nodeValue?.includes(text) && parentElement?.checkVisibility()) return true;
          }
          return false;
        };
        const look = () => {
          if (shown() !== wanted) return;
          clearInterval(timer);
          done(Date.now());
        };
        const timer = setInterval(look, 20);
      }),
    { text, wanted },
  );
}
