// Behind nginx as the documents set it up, on an origin of its own and under a path of a site: loader, frame, polls,
// files and console with its socket.
import { Nginx } from "./harness/nginx";
import { PICTURE } from "./harness/picture";
import { expect, test as base } from "./harness/test";

const SETTINGS = `
[[deployment]]
[deployment.files]
types = ["image/png"]
`;

const test = base.extend<{ before: (path: "" | "/support") => Promise<Nginx> }>({
  before: async ({ endpoint, site }, use) => {
    const started: Nginx[] = [];
    await use(async (path) => {
      const nginx = await Nginx.before(endpoint, path);
      started.push(nginx);
      site.carries(nginx);
      return nginx;
    });
    for (const nginx of started) await nginx.close();
  },
});

for (const path of ["", "/support"] as const) {
  test(`behind nginx at ${path || "/"}`, async ({ page, site, endpoint, widget, agentConsole, before }) => {
    await endpoint.configure(SETTINGS);
    const nginx = await before(path);
    await agentConsole.signIn();
    await page.goto(site.address("plain"));
    await widget.ask();
    await agentConsole.acceptNext();
    await agentConsole.say("a1 good morning");
    await widget.hears("a1 good morning");
    await widget.say("v1 good morning to you");
    await agentConsole.hears("v1 good morning to you");

    const file = { name: "hat.png", mimeType: "image/png", buffer: PICTURE };
    await widget.frame.locator("input[type=file]").setInputFiles(file);
    for (const image of [
      widget.log.getByRole("button", { name: "Show picture: hat.png" }).locator("img"),
      agentConsole.log.getByRole("img", { name: "hat.png" }),
    ]) {
      await expect(image).toHaveJSProperty("naturalWidth", 8);
      expect(await image.getAttribute("src")).toContain(`${nginx.url}/chat/files/`);
    }

    await page.goto(`${nginx.url}/demo`);
    await expect(widget.launcher).toBeVisible();
    await page.goto(`${nginx.url}/chat`);
    await expect(page).toHaveURL(new RegExp(`^${nginx.url}/chat/[?]deployment=`));
    expect((await fetch(`${nginx.url}/metrics`)).status).toBe(404);
    await agentConsole.endChat();
  });
}
