// The bytes of a conversation on the wire, with all headers: an idle minute, and one message.
import { expect, test } from "./harness/test";

const LONG = Boolean(process.env.PARLOR_LONG);
const IDLE_S = LONG ? 60 : 15;

test("the traffic of an idle minute and of a message", async ({ page, site, faultyProxy, widget, agent }) => {
  test.setTimeout(180_000);
  await page.goto(site.address("plain"));
  await widget.ask();
  const chat = await agent.acceptNext();
  await widget.say("v1 before");
  await agent.hears(chat, "v1 before");
  await agent.say(chat, "a1 before");
  await widget.hears("a1 before");

  const during = async (what: () => Promise<void>) => {
    const [before, polls] = [faultyProxy.bytes(), faultyProxy.requests.get("Messages") ?? 0];
    await what();
    const after = faultyProxy.bytes();
    const answered = (faultyProxy.requests.get("Messages") ?? 0) - polls;
    return { up: after.up - before.up, down: after.down - before.down, polls: answered };
  };
  const idle = await during(() => page.waitForTimeout(IDLE_S * 1_000));
  const minute = 60 / IDLE_S;
  const spoken = await during(async () => {
    for (let n = 2; n < 12; n++) {
      await widget.say(`v${n} a message of some fifty characters, as people say it`);
      await agent.hears(chat, `v${n} a message of some fifty characters, as people say it`);
    }
  });
  const heard = await during(async () => {
    for (let n = 2; n < 12; n++) {
      await agent.say(chat, `a${n} a message of some fifty characters, as people say it`);
      await widget.hears(`a${n} a message of some fifty characters, as people say it`);
    }
  });
  console.log(JSON.stringify({ idleSeconds: IDLE_S, idle, tenSpoken: spoken, tenHeard: heard }));
  expect((idle.up + idle.down) * minute).toBeLessThan(40_000);
  expect(spoken.up + spoken.down).toBeLessThan(10 * 8_000);
  expect(heard.up + heard.down).toBeLessThan(10 * 8_000);
});
