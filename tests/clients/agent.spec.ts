// The agent's part by the vendor's own SDKs: Python over HTTP and over the socket, JavaScript over
// both at once. The visitor's side must have all of it, and none of what is for agents alone.
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Caller } from "../e2e/harness/caller";
import { expect, test } from "../e2e/harness/test";
import { CLIENTS, require } from "./installed";
import { Tls } from "./tls";

interface Sent {
  id: string;
  type: string;
  visibility?: string;
}

for (const way of ["http", "rtm"]) {
  for (const version of ["3.5", "3.6"]) {
    test(`lc-sdk-python ${version} over ${way}`, async ({ endpoint, agent }) => {
      // A chat is handed on to somebody who is there.
      await endpoint.comes(await endpoint.hire("Berta"));
      const visitor = await Caller.call(endpoint);
      await visitor.ask("Ada");
      const tls = await Tls.before(endpoint);
      const env = { HOST: tls.host, TOKEN: endpoint.installation.agentToken, AGENT_ID: agent.id };
      const [{ stdout }] = await Promise.all([
        promisify(execFile)(
          join(CLIENTS, "venv/bin/python"),
          [resolve("tests/clients/agent.py"), way, version],
          { env },
        ),
        visitor.next("ChatEnded"),
      ]);
      tls.close();
      const heard = JSON.stringify(visitor.heard);
      const sent: Sent[] = JSON.parse(stdout).sent;
      expect(new Set(sent.map((event) => event.type)).size).toBe(7);
      for (const event of sent) {
        const reaches = event.visibility !== "agents";
        expect(heard.includes(event.id), `${event.type} ${event.id} reaches the visitor`).toBe(reaches);
      }
    });
  }
}

test("lc-sdk-js over HTTP, with its socket open", async ({ endpoint, agent }) => {
  const { Agent } = require("@livechat/lc-sdk-js");
  const visitor = await Caller.call(endpoint);
  await visitor.ask("Ada");
  const tls = await Tls.before(endpoint);
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  const { agentToken } = endpoint.installation;
  const token = () => ({ accessToken: agentToken, region: "us", licenseID: 1, organizationID: "o" });
  const web = new Agent.Web("client", token, { apiUrl: tls.host });
  const rtm = new Agent.RTM({ apiUrl: tls.host });
  await rtm.connect();
  const pushed: { chat_id: string; event: Sent & { text?: string } }[] = [];
  rtm.on("incoming_event", (payload: (typeof pushed)[number]) => pushed.push(payload));
  const { my_profile, chats_summary } = await rtm.login({ token: `Bearer ${agentToken}` });
  expect(my_profile.id).toBe(agent.id);
  const [{ id }] = chats_summary;

  await rtm.addUserToChat(id, agent.id, "agent", "all", true);
  await visitor.say("v1 to a JavaScript agent");
  const message = { type: "message", text: "a1 from JavaScript", visibility: "all" };
  const sent = [
    await web.sendEvent(id, message),
    await rtm.sendEvent(id, { type: "custom", content: { by: "socket" }, visibility: "all" }),
  ];
  await expect.poll(() => pushed.map(({ event }) => event.id)).toEqual(
    expect.arrayContaining(sent.map(({ event_id }) => event_id)),
  );
  expect(pushed.map(({ event }) => event.text)).toContain("v1 to a JavaScript agent");
  const { thread } = await web.getChat(id);
  await web.markEventsAsSeen(id, thread.events.at(-1).created_at);
  await web.updateChatProperties(id, { of_the_sdk: { score: 7 } });
  expect((await rtm.getChat(id)).properties.of_the_sdk).toEqual({ score: 7 });
  await web.tagThread(id, thread.id, "tea");
  expect((await web.listChats()).chats_summary).toHaveLength(1);
  await web.deactivateChat(id, true);
  await visitor.next("ChatEnded");
  const heard = JSON.stringify(visitor.heard);
  for (const { event_id } of sent) expect(heard).toContain(event_id);

  clearInterval(rtm.heartbeatInterval);
  rtm.socket.close();
  tls.close();
});
