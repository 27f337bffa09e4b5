// The browser is killed while it sends a message, and started again on the same profile: the message
// arrives exactly once.
import type { FaultyProxy } from "./harness/proxy";
import { expect, test } from "./harness/test";
import { Widget } from "./harness/widget";

/** Each ends when the send has come so far. */
const STEPS: Record<string, (faultyProxy: FaultyProxy) => Promise<void>> = {
  "before the request has arrived": (faultyProxy) =>
    new Promise((reached) => {
      faultyProxy.faults = ({ kind }) => {
        if (kind !== "ChatMessage") return undefined;
        reached();
        return { is: "swallowed" };
      };
    }),
  "when it is done and not answered": (faultyProxy) =>
    new Promise((reached) => {
      faultyProxy.deaf = (kind) => {
        if (kind === "ChatMessage") reached();
        return kind === "ChatMessage";
      };
    }),
  "when it is answered": (faultyProxy) =>
    new Promise((reached) => {
      faultyProxy.answered = (kind) => {
        if (kind === "ChatMessage") reached();
      };
    }),
};

for (const [step, comesSoFar] of Object.entries(STEPS)) {
  test(`the browser is killed ${step}`, async ({ ownBrowser, site, faultyProxy, agent }) => {
    let widget = new Widget(await ownBrowser.start());
    await widget.page.goto(site.address("plain"));
    await widget.ask();
    const chat = await agent.acceptNext();
    await widget.say("v1 before");
    await agent.hears(chat, "v1 before");

    const soFar = comesSoFar(faultyProxy);
    await widget.message.fill("v2 in the middle");
    await widget.send.click();
    await soFar;
    await ownBrowser.kill();
    faultyProxy.faults = () => undefined;
    faultyProxy.deaf = () => false;

    widget = new Widget(await ownBrowser.start());
    await widget.page.goto(site.address("plain"));
    await expect(widget.launcher).toBeVisible();
    if (await widget.message.isHidden()) await widget.open();
    await agent.hears(chat, "v2 in the middle");
    await widget.say("v3 after");
    await agent.hears(chat, "v3 after");
    expect(await agent.said(chat)).toEqual(["v1 before", "v2 in the middle", "v3 after"]);
    await expect.poll(() => widget.marks()).toEqual(["v1", "v2", "v3"]);
  });
}
