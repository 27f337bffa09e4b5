// Goals of the site: a visitor who has chatted reaches them by a page or by a call, also when the chat is over, and the
// archive shows them with the chat.
import type { Page } from "@playwright/test";
import type { Endpoint } from "./harness/endpoint";
import { expect, test } from "./harness/test";

const SETTINGS = `
[[goal]]
name = "Order placed"
page = "/plain/*/thanks"

[[goal]]
name = "Signed up"
`;

test.beforeEach(({ endpoint }) => endpoint.configure(SETTINGS));

interface Conversion {
  goal_name: string;
  attribution: { agent_name: string | null };
}

/** Names of the goals in the record of the newest chat. */
async function goals(endpoint: Endpoint): Promise<string[]> {
  const response = await fetch(`${endpoint.url}/api/v2/chat/chats`, {
    headers: { authorization: `Bearer ${endpoint.installation.apiToken}` },
  });
  expect(response.status).toBe(200);
  const [chat] = (await response.json()).chats;
  const conversions: Conversion[] = chat?.conversions ?? [];
  for (const { attribution } of conversions) expect(attribution.agent_name).not.toBeNull();
  return conversions.map((it) => it.goal_name);
}

/** Collects the paths of the page's requests to the chat's origin. */
function requests(page: Page, endpoint: Endpoint): string[] {
  const paths: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin === new URL(endpoint.url).origin) paths.push(url.pathname);
  });
  return paths;
}

test("after a chat, the page says that the visitor has reached a goal", async ({
  page,
  site,
  widget,
  agent,
  endpoint,
}) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  await agent.acceptNext();
  await widget.end();
  await expect(widget.again).toBeVisible();
  await page.goto(site.address("plain"));
  await page.evaluate(() => parlor("track", "Signed up"));
  await expect.poll(() => goals(endpoint)).toEqual(["Signed up"]);
  // The frame was loaded for it, and nobody sees it.
  await expect(page.getByRole("button", { name: "Open chat" })).toBeVisible();
});

test("after a chat, a page reaches a goal by its address, and is no second one when it is loaded again", async ({
  page,
  site,
  widget,
  agent,
  endpoint,
}) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  await agent.acceptNext();
  await widget.end();
  await expect(widget.again).toBeVisible();
  await page.goto(`${site.address("plain")}de/thanks?order=4711`);
  await expect.poll(() => goals(endpoint)).toEqual(["Order placed"]);
  const posted = page.waitForResponse((response) => response.url().includes("/Visitor/Goal"));
  await page.reload();
  const request = (await posted).request();
  expect((await posted).status()).toBe(200);
  // The goal's name, and nothing of the page or the visitor beside the header that is theirs.
  expect(request.postDataJSON()).toEqual({ goal: "Order placed" });
  expect(new URL(request.url()).search).toBe(`?deployment_id=${endpoint.installation.deploymentId}`);
  expect(await goals(endpoint)).toEqual(["Order placed"]);
});

test("a route of a single page and a call during the chat count", async ({ page, site, widget, agent, endpoint }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  await agent.acceptNext();
  await page.evaluate(() => parlor("track", "Signed up"));
  const posted = page.waitForResponse((response) => response.url().includes("/Visitor/Goal"));
  await page.evaluate(() => history.pushState({}, "", "/plain/en/thanks"));
  expect((await posted).status()).toBe(200);
  await widget.end();
  await expect.poll(async () => (await goals(endpoint)).sort()).toEqual(["Order placed", "Signed up"]);
});

test("a visitor who has never chatted makes no request for goals", async ({ page, site, endpoint }) => {
  const paths = requests(page, endpoint);
  await page.clock.install();
  await page.goto(`${site.address("plain")}de/thanks`);
  await page.evaluate(() => parlor("track", "Signed up"));
  await page.evaluate(() => history.pushState({}, "", "/plain/en/thanks"));
  // Longer than the script waits for a title.
  await page.clock.runFor(1_000);
  expect(paths).toEqual(["/parlor.js"]);
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
});

test("a goal that there is not is named in the console", async ({ page, site, widget, agent }) => {
  await page.goto(site.address("plain"));
  await widget.ask();
  await agent.acceptNext();
  await widget.end();
  const warned = page.waitForEvent("console", (message) => message.text().includes("a goal was refused"));
  await page.evaluate(() => parlor("track", "Order paced"));
  expect((await warned).text()).toContain("parlor:");
});
