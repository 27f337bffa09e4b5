// Two teams with a button each: a visitor reaches the team of the page, or the one that they choose in
// a form, before the chat or in it. Each team sees its own chats.
import { expect, test as base } from "./harness/test";
import { AgentConsole } from "./harness/console";
import { VISITOR } from "./harness/widget";

const SETTINGS = `
[[group]]
id = 1
name = "Support"

[[group]]
id = 2
name = "Sales"

[[deployment]]
prechat.fields = [
  { type = "name", id = "name", label = "Your name", required = true },
  { type = "group_chooser", id = "team", label = "Who should answer?", options = [
    { id = "0", label = "Support", group_id = 1 },
    { id = "1", label = "Sales", group_id = 2 },
  ] },
]

[[deployment.button]]
id = "sales"
name = "Sales"
group = 2

[[deployment.forms]]
name = "Which team?"
form.fields = [
  { type = "group_chooser", id = "team", label = "Which team do you need?", required = true, options = [
    { id = "0", label = "Support", group_id = 1 },
    { id = "1", label = "Sales", group_id = 2 },
  ] },
]
`;

/** Maria is of Support, and Bea of Sales. */
const test = base.extend<{ bea: AgentConsole }>({
  bea: async ({ browser, endpoint }, use) => {
    const email = await endpoint.hire("Bea", "Sales");
    const context = await browser.newContext();
    const bea = new AgentConsole(await context.newPage(), endpoint);
    await bea.signIn(email);
    await use(bea);
    await context.close();
  },
});

test.beforeEach("two teams", async ({ endpoint, agentConsole }) => {
  await endpoint.configure(SETTINGS);
  await endpoint.assign(endpoint.email, "Support");
  await agentConsole.signIn();
});

test("the team that a visitor chooses answers, and hands the chat on to the other", async ({
  page,
  site,
  widget,
  agentConsole,
  bea,
}) => {
  await page.goto(site.address("plain"));
  await widget.open();
  await widget.hello.click();
  await widget.field("name").fill(VISITOR.name);
  await widget.frame.getByRole("combobox", { name: "Who should answer?" }).selectOption("Sales");
  await widget.start.click();

  await expect(bea.waiting.getByRole("listitem")).toHaveCount(1);
  await expect(bea.waiting.locator(".row-team")).toHaveText("Sales");
  await bea.acceptNext();
  await bea.say("a1 Sales, hello");
  await widget.hears("a1 Sales, hello");
  await expect(agentConsole.waiting.getByRole("listitem")).toHaveCount(0);
  await expect(agentConsole.team.getByRole("listitem")).toHaveCount(0);

  await bea.transfer.click();
  const choice = bea.page.getByRole("dialog", { name: "Hand this chat on to" });
  await choice.getByRole("textbox", { name: "Note for them" }).fill("a2 the kettle is broken");
  await choice.getByRole("button", { name: /^Support/ }).click();
  await expect(bea.mine.getByRole("listitem")).toHaveCount(0);
  await expect(bea.waiting.getByRole("listitem")).toHaveCount(0);

  await agentConsole.acceptNext();
  await agentConsole.hears("a2 the kettle is broken");
  await agentConsole.say("a3 Support, hello");
  await widget.hears("a3 Support, hello");
  await widget.say("v1 it leaks");
  await agentConsole.hears("v1 it leaks");
  expect(await widget.marks()).toEqual(["a1", "a3", "v1"]);
});

test("each button leads to its team", async ({ page, site, widget, endpoint, agentConsole, bea }) => {
  const installation = { ...endpoint.installation, buttonId: "sales" };
  site.carries({ url: endpoint.url, installation });
  await page.goto(site.address("plain"));
  await widget.open();
  await widget.hello.click();
  await widget.field("name").fill(VISITOR.name);
  await widget.start.click();
  await bea.acceptNext();
  await bea.say("a1 Sales, hello");
  await widget.hears("a1 Sales, hello");
  await expect(agentConsole.waiting.getByRole("listitem")).toHaveCount(0);
});

test("a visitor changes the team in the chat", async ({ page, site, widget, agentConsole, bea }) => {
  await page.goto(site.address("plain"));
  await widget.open();
  await widget.hello.click();
  await widget.field("name").fill(VISITOR.name);
  await widget.start.click();
  await agentConsole.acceptNext();
  await agentConsole.say("a1 Support, hello");
  await agentConsole.page.getByRole("button", { name: "Send cards, forms and more" }).click();
  const forms = agentConsole.page.getByRole("group", { name: "Forms" });
  await forms.getByRole("button", { name: "Which team?" }).click();

  const asked = widget.log.getByRole("combobox", { name: "Which team do you need?" });
  await asked.selectOption("Sales");
  await widget.log.getByRole("button", { name: "Send answers" }).click();
  await expect(widget.log.getByText(/Maria has left/)).toBeVisible();
  await expect(agentConsole.mine.getByRole("listitem")).toHaveCount(0);
  await bea.acceptNext();
  await bea.hears("a1 Support, hello");
  await bea.say("a2 Sales, hello");
  await widget.hears("a2 Sales, hello");
});

test("a colleague joins a chat without taking it", async ({ browser, page, site, widget, endpoint, agentConsole }) => {
  const email = await endpoint.hire("Cem", "Support");
  const context = await browser.newContext();
  const cem = new AgentConsole(await context.newPage(), endpoint);
  await cem.signIn(email);
  await page.goto(site.address("plain"));
  await widget.open();
  await widget.hello.click();
  await widget.field("name").fill(VISITOR.name);
  await widget.start.click();
  await agentConsole.acceptNext();
  await agentConsole.say("a1 hello");
  await cem.team.getByRole("button").first().click();
  await cem.join.click();
  await cem.note.click();
  await cem.say("a2 ask for the number");
  await agentConsole.hears("a2 ask for the number");
  await expect(agentConsole.mine.getByRole("listitem")).toHaveCount(1);
  await expect(cem.takeOver).toBeVisible();
  await agentConsole.say("a3 which number is it?");
  await widget.hears("a3 which number is it?");
  expect(await widget.marks()).toEqual(["a1", "a3"]);
  await context.close();
});
