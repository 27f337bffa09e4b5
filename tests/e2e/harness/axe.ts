// Checks accessibility with axe, in a page or a frame, by every WCAG rule up to 2.2 AA.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type BrowserContext, expect, type Frame, type Page } from "@playwright/test";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Before the first page: an init script is the one way in that no policy of a page forbids. */
export async function bringAxe(context: BrowserContext): Promise<void> {
  await context.addInitScript({ content: SOURCE });
}

interface Violation {
  id: string;
  help: string;
  nodes: { target: unknown; html: string; failureSummary?: string }[];
}

declare const axe: {
  run(where: Document, options: object): Promise<{ violations: Violation[] }>;
};

export async function expectNoViolations(where: Page | Frame, stage: string): Promise<void> {
  const violations = await where.evaluate(async (tags) => {
    // What is still fading in has colours of nobody's choosing.
    const moving = document.getAnimations().filter(({ effect, timeline }) => {
      const { iterations, endTime } = effect?.getComputedTiming() ?? {};
      // What moves with the scroll position stands still as long as nobody scrolls.
      return timeline instanceof DocumentTimeline && iterations !== Infinity && endTime !== Infinity;
    });
    await Promise.allSettled(moving.map((animation) => animation.finished));
    const { violations } = await axe.run(document, {
      runOnly: { type: "tag", values: tags },
      iframes: false,
      resultTypes: ["violations"],
    });
    return violations.map(({ id, help, nodes }) => ({
      rule: `${id}: ${help}`,
      nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
    }));
  }, TAGS);
  expect.soft(violations, `axe, ${stage}`).toEqual([]);
}

/** The chat document inside the page. */
export function chatFrame(page: Page): Frame {
  const frame = page.frames().find((frame) => new URL(frame.url()).pathname === "/chat/");
  if (!frame) throw new Error("there is no chat frame in the page");
  return frame;
}
