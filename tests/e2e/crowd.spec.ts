// Two hundred conversations at once on one machine, without an error.
import type { Agent } from "./harness/agent";
import { Caller } from "./harness/caller";
import { expect, test } from "./harness/test";

const CROWD = 200;
const TURNS = 3;

test("two hundred conversations at once", async ({ endpoint, agent }) => {
  // Each one taken moves everybody who still waits, some twenty thousand polls in all.
  test.setTimeout(300_000);
  const callers = await Promise.all(
    Array.from({ length: CROWD }, async (_, index) => {
      const caller = await Caller.call(endpoint);
      await caller.ask(`visitor ${index}`);
      return caller;
    }),
  );
  // All wait, each with a poll held open, while the agent takes one after the other.
  const established = Promise.all(callers.map((caller) => caller.next("ChatEstablished")));
  const chats = await acceptAll(agent);
  await established;

  await Promise.all(
    callers.map(async (caller, index) => {
      const chat = chats.get(`visitor ${index}`) ?? "";
      for (let turn = 0; turn < TURNS; turn++) {
        await caller.say(`v${turn} of ${index}`);
        await agent.say(chat, `a${turn} for ${index}`);
        expect((await caller.next("ChatMessage")).text).toBe(`a${turn} for ${index}`);
      }
      const turns = Array.from({ length: TURNS }, (_, turn) => turn);
      expect(await agent.said(chat)).toEqual(
        turns.flatMap((turn) => [`v${turn} of ${index}`, `a${turn} for ${index}`]),
      );
      await caller.post("Chasitor/ChatEnd", { reason: "client" });
      await caller.next("ChatEnded");
    }),
  );
  expect(await agent.waiting()).toEqual([]);
});

/** Takes everybody; gives the chats by the visitors' names. */
async function acceptAll(agent: Agent): Promise<Map<string, string>> {
  const chats = new Map<string, string>();
  while (chats.size < CROWD) {
    const waiting = await agent.waiting();
    expect(waiting.length, "those who still wait are listed").toBeGreaterThan(0);
    for (const chat of waiting) {
      const name = chat.users.find((user) => user.type === "customer")?.name ?? "";
      await agent.accept(chat.id);
      chats.set(name, chat.id);
    }
  }
  return chats;
}
