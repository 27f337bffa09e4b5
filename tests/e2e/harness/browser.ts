// A browser with a profile that outlives it: a test kills it, as a crash or a power cut would, and
// starts it again on the same profile.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Page, test } from "@playwright/test";

export class OwnBrowser {
  private process: ChildProcess | null = null;

  private constructor(private readonly profile: string) {}

  static async withProfile(): Promise<OwnBrowser> {
    return new OwnBrowser(await mkdtemp(join(tmpdir(), "parlor-profile-")));
  }

  /** Starts it and returns its only page, which is empty. */
  async start(): Promise<Page> {
    const { executablePath = "chromium", args = [] } = test.info().project.use.launchOptions ?? {};
    const own = [`--user-data-dir=${this.profile}`, "--remote-debugging-port=0", "about:blank"];
    // A group of its own: the renderers are killed with it.
    const child = spawn(executablePath, [...args, ...own], {
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    this.process = child;
    for await (const line of createInterface({ input: child.stderr })) {
      const address = /^DevTools listening on (ws:\S+)$/.exec(line)?.[1];
      if (!address) continue;
      child.stderr.resume();
      const browser = await chromium.connectOverCDP(address);
      const context = browser.contexts()[0];
      if (!context) throw new Error("the browser has no context");
      return context.pages()[0] ?? (await context.newPage());
    }
    throw new Error("the browser ended before it listened");
  }

  /** Kills it and its renderers at once. */
  async kill(): Promise<void> {
    const child = this.process;
    if (!child?.pid) return;
    this.process = null;
    const gone = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
    await gone;
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
