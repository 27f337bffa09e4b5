// The visitor's part by clients that others wrote for the retired service: `rx-sfliveagent-client`
// (JavaScript), which acknowledges and numbers no POST, and `genutility` (Python), which numbers its
// POSTs, never acknowledges, and hands over on 503.
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { ChatEvent } from "../e2e/harness/agent";
import { expect, test } from "../e2e/harness/test";
import { CLIENTS, require } from "./installed";

interface Told {
  type: string;
  message: { text?: string; name?: string; results?: { id: string; isAvailable?: boolean }[] };
}

test("rx-sfliveagent-client holds a whole conversation", async ({ endpoint, agent }) => {
  const { startSession } = require("rx-sfliveagent-client");
  const { organizationId, deploymentId, buttonId } = endpoint.installation;
  const config = { host: endpoint.url, version: "42", organizationId, deploymentId, buttonId };
  const session = startSession(config, {
    language: "en",
    userAgent: "Test",
    visitorName: "Ada",
    prechatDetails: [],
    prechatEntities: [],
    receiveQueueUpdates: true,
    screenResolution: "1900x1200",
    isPost: true,
  });
  const told: (Told | Error)[] = [];
  session.all$.subscribe((event: Told | Error | "OK") => event !== "OK" && told.push(event));
  const types = () => told.map((event) => (event instanceof Error ? event.message : event.type));

  const chat = await agent.acceptNext();
  await expect.poll(types).toContain("ChatEstablished");
  await session.api.availability();
  expect(told.at(-1)).toMatchObject({ message: { results: [{ id: buttonId, isAvailable: true }] } });

  await session.api.chasitorTyping();
  await session.api.chasitorSneakPeek({ position: 0, text: "v1 fr" });
  await session.api.chatMessage({ text: "v1 from another client" });
  await agent.say(chat, "a1 to another client");
  await expect.poll(types).toContain("ChatMessage");
  await session.api.chasitorNotTyping();
  await session.api.customEvent({ type: "colour", data: "green" });
  const noun = { prefix: "Chasitor", noun: "ChatMessage", object: { text: "v2 in a bundle" } };
  await session.api.multiNoun({ nouns: [noun] });
  await agent.sees(chat, (event: ChatEvent) => event.type === "custom", "the custom event");
  await agent.hears(chat, "v2 in a bundle");
  await session.api.chatEnd();
  // Its stream is over with whichever comes first: the answer to its POST, or the poll's message.
  await expect.poll(() => types().at(-1)).toMatch(/^ChatEnd(ed)?$/);
  expect(told.filter((event) => event instanceof Error)).toEqual([]);
  const said = ["v1 from another client", "a1 to another client", "v2 in a bundle"];
  expect(await agent.said(chat)).toEqual(said);
});

test("rx-sfliveagent-client hears that the agent ended", async ({ endpoint, agent }) => {
  const { Api } = require("rx-sfliveagent-client");
  const { organizationId, deploymentId, buttonId } = endpoint.installation;
  const config = { host: endpoint.url, version: "37", organizationId, deploymentId, buttonId };
  const api = new Api(config);
  await api.settings({ Settings: { buttonIds: [buttonId], updateBreadcrumb: false } });
  await api.visitorId();
  await api.sessionId();
  await api.chasitorInit({ visitorName: "Ada", prechatDetails: [], prechatEntities: [], isPost: true });
  const chat = await agent.acceptNext();
  await agent.say(chat, "a1 good bye");
  await agent.end(chat);
  const types: string[] = [];
  while (!types.includes("ChatEnded")) {
    const answer: { messages?: Told[] } = await api.messages();
    types.push(...(answer.messages ?? []).map(({ type }) => type));
  }
  expect(types.filter((type) => type !== "QueueUpdate")).toEqual([
    "ChatRequestSuccess",
    "ChatEstablished",
    "ChatMessage",
    "ChatEnded",
  ]);
});

test("genutility holds a conversation through kill -9, and hands over", async ({ endpoint, agent }) => {
  const { organizationId, deploymentId, buttonId } = endpoint.installation;
  const python = promisify(execFile)(
    join(CLIENTS, "venv/bin/python"),
    [resolve("tests/clients/visitor.py")],
    {
      env: {
        HOST: new URL(endpoint.url).host,
        ORGANIZATION: organizationId,
        DEPLOYMENT: deploymentId,
        BUTTON: buttonId,
      },
    },
  );
  const chat = await agent.acceptNext();
  for (const turn of [0, 1, 2]) {
    await agent.say(chat, `a${turn}`);
    await agent.hears(chat, `v${turn}`);
    await endpoint.kill();
    await endpoint.start();
  }
  await agent.say(chat, "good bye");
  const { stdout, stderr } = await python;
  expect(JSON.parse(stdout)).toEqual(["a0", "a1", "a2", "good bye"]);
  expect(stderr).toContain("ChasitorSessionData");
  expect(await agent.said(chat)).toEqual(["a0", "v0", "a1", "v1", "a2", "v2", "good bye"]);
});
