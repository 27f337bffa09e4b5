// The fixtures of every test: a customer's site, a real endpoint, a visitor and an agent.
//
// Tests share nothing. After each of them the endpoint must stop when it is asked to, and must not have
// panicked.
import { test as base, type BrowserContext, expect } from "@playwright/test";
import { Agent } from "./agent";
import { OwnBrowser } from "./browser";
import { AgentConsole } from "./console";
import { Endpoint } from "./endpoint";
import { FaultyProxy } from "./proxy";
import { Site } from "./site";
import { Widget } from "./widget";

interface World {
  /** The agent's name. */
  agentName: string;
  site: Site;
  endpoint: Endpoint;
  /** A test that asks for it has the endpoint's pages and calls go through it. */
  faultyProxy: FaultyProxy;
  /** The agent's program. */
  agent: Agent;
  /** A browser that the test starts and kills. */
  ownBrowser: OwnBrowser;
  /** The agents' console, with nobody signed in. */
  agentConsole: AgentConsole;
  /** The widget in the test's own page, which is not opened yet. */
  widget: Widget;
}

export const test = base.extend<World>({
  agentName: ["Maria", { option: true }],
  site: async ({}, use) => {
    const site = await Site.open();
    await use(site);
    await site.close();
  },
  endpoint: async ({ site, agentName }, use) => {
    const endpoint = await Endpoint.setUp([site.origin], agentName);
    await endpoint.start();
    site.carries(endpoint);
    await use(endpoint);
    const code = await endpoint.stop();
    await endpoint.remove();
    expect.soft(endpoint.log, "the endpoint's log").not.toContain("panicked");
    expect(code, "exit code of the endpoint when it is asked to stop").toBe(0);
  },
  faultyProxy: async ({ endpoint, site }, use) => {
    const faultyProxy = await FaultyProxy.before(endpoint);
    site.carries(faultyProxy);
    await use(faultyProxy);
    await faultyProxy.close();
  },
  ownBrowser: async ({}, use) => {
    const browser = await OwnBrowser.withProfile();
    await use(browser);
    await browser.remove();
  },
  agent: async ({ endpoint }, use) => use(new Agent(endpoint)),
  agentConsole: async ({ browser, endpoint }, use) => {
    const context: BrowserContext = await browser.newContext();
    await use(new AgentConsole(await context.newPage(), endpoint));
    await context.close();
  },
  widget: async ({ page, endpoint: _ }, use) => use(new Widget(page)),
});

export { expect };
