// Content that is wider than what it stands in: of the document, and of every element that scrolls
// upward or clips what does not fit.
import { expect, type Frame, type Locator, type Page } from "@playwright/test";

/** Elements that are meant to be scrolled sideways, and a picture in the demo shop that its frame cuts. */
const SIDEWAYS = ".carousel-track, .rich, pre, textarea, .shelf, .table-wrap";

/** Descriptions of the elements whose content sticks out, and by how much. */
async function overflows(where: Page | Frame): Promise<string[]> {
  return where.evaluate((sideways) => {
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>("*")) {
      const style = getComputedStyle(element);
      // Text that ends in an ellipsis, and what is there for screen readers alone, are cut on purpose.
      const cuts = style.textOverflow === "ellipsis" || element.clientWidth <= 1;
      const holds = element === document.documentElement || style.overflowY !== "visible";
      const over = element.scrollWidth - element.clientWidth;
      if (over <= 0 || !holds || cuts || element.matches(sideways)) continue;
      if (!element.checkVisibility()) continue;
      const widest = [...element.querySelectorAll("*")].find((it) => {
        const [inner, outer] = [it.getBoundingClientRect(), element.getBoundingClientRect()];
        return inner.right > outer.right + 0.5 || inner.left < outer.left - 0.5;
      });
      const name = (it: Element) => `${it.localName}.${[...it.classList].join(".")}`;
      found.push(`${name(element)} by ${over} px${widest ? `, for ${name(widest)}` : ""}`);
    }
    return found;
  }, SIDEWAYS);
}

/**
 * Nothing sticks out of the document or of anything in it. Each of `inside` must stand in an element
 * that scrolls, so that a stage whose scroller was not measured fails.
 */
export async function expectNoOverflow(where: Page | Frame, stage: string, inside: Locator[] = []): Promise<void> {
  for (const locator of inside) {
    const scrolls = await locator.first().evaluate((element) => {
      for (let it: Element | null = element; it; it = it.parentElement) {
        if (/auto|scroll/.test(getComputedStyle(it).overflowY)) return true;
      }
      return false;
    });
    expect.soft(scrolls, `${stage}: ${locator} stands in an element that scrolls`).toBe(true);
  }
  expect.soft(await overflows(where), `${stage}: what sticks out sideways`).toEqual([]);
}

/** The same measure finds content that is too wide, in the scroller that this element stands in. */
export async function expectOverflowIsFound(where: Page | Frame, inside: Locator): Promise<void> {
  const before = await overflows(where);
  await inside.first().evaluate((element) => {
    const wide = document.createElement("div");
    wide.id = "wide";
    wide.style.cssText = "flex:none;width:9999px;height:1px";
    let scroller: Element = element;
    while (!/auto|scroll/.test(getComputedStyle(scroller).overflowY) && scroller.parentElement) scroller = scroller.parentElement;
    scroller.append(wide);
  });
  const found = await overflows(where);
  await where.evaluate(() => document.getElementById("wide")?.remove());
  expect(found.filter((it) => !before.includes(it)), "content of 9999 px is found").not.toEqual([]);
  expect(await overflows(where)).toEqual(before);
}
