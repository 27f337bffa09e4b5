// The archive by programs that others wrote for it: a client that reads and writes, a tap that searches by
// time, an extractor that reads the incremental export.
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Agent } from "../e2e/harness/agent";
import { Caller } from "../e2e/harness/caller";
import type { Endpoint } from "../e2e/harness/endpoint";
import { expect, test } from "../e2e/harness/test";
import { CLIENTS } from "./installed";

const CHATS = 3;

async function converse(endpoint: Endpoint, agent: Agent): Promise<void> {
  for (let number = 0; number < CHATS; number += 1) {
    const visitor = await Caller.call(endpoint);
    await visitor.ask(`Visitor ${number}`);
    const chat = await agent.acceptNext();
    await visitor.next("ChatEstablished");
    await visitor.say("Do you have wool?");
    await agent.say(chat, "Yes, in three colours.");
    await agent.end(chat);
  }
}

async function run(endpoint: Endpoint, venv: string, program: string, ...more: string[]): Promise<void> {
  const env = { URL: endpoint.url, API_TOKEN: endpoint.installation.apiToken };
  const path = resolve("tests/clients/archive", program);
  const python = join(CLIENTS, venv, "bin/python");
  const { stdout } = await promisify(execFile)(python, [path, ...more], { env, maxBuffer: 1 << 26 });
  expect(stdout.trim().split("\n").at(-1)).toBe("done");
}

/** A message that somebody left. */
async function leave(endpoint: Endpoint): Promise<void> {
  const response = await fetch(`${endpoint.url}/api/v2/chat/chats`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${endpoint.installation.apiToken}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({
      type: "offline_msg",
      message: "When do you open?",
      visitor: { name: "Mia", email: "mia@shop.example" },
      session: { user_agent: "Mozilla/5.0" },
      timestamp: 1444156010,
    }),
  });
  expect(response.status).toBe(201);
}

test("zenpy creates, lists, pages, searches, updates, exports and deletes", async ({ endpoint, agent }) => {
  await converse(endpoint, agent);
  await run(endpoint, "zenpy", "zenpy_client.py");
});

test("tap-zendesk-chat searches by time, and loads by ids", async ({ endpoint, agent }) => {
  await converse(endpoint, agent);
  await leave(endpoint);
  await run(endpoint, "tap", "singer_tap.py", String(CHATS));
});

test("airbyte-source-zendesk-chat reads the incremental export", async ({ endpoint, agent }) => {
  await converse(endpoint, agent);
  await leave(endpoint);
  await run(endpoint, "extractor", "extractor.py", String(CHATS + 1));
});
