// The real binary: set up in a directory of its own, started on a free port, killed and started again
// on the same port and data. It uses the command line and what the program prints, nothing else.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const BINARY = process.env.PARLOR_BINARY ?? resolve("target/release/parlor");
const PATIENCE_MS = 30_000;

export const PASSWORD = "correct horse battery staple";

export interface Installation {
  organizationId: string;
  deploymentId: string;
  buttonId: string;
  agentId: string;
  agentToken: string;
  apiToken: string;
}

export class Endpoint {
  /** All that it has printed on stderr, over all its starts. */
  log = "";
  /** What browsers know it by when a proxy is before it; takes effect at the next start. */
  publicUrl: string | null = null;
  private child: ChildProcess | null = null;
  private listen = "127.0.0.1:0";

  private constructor(
    private readonly data: string,
    readonly installation: Installation,
    readonly email: string,
  ) {}

  /** Sets up, with one agent, for pages of these origins; not started yet. */
  static async setUp(origins: string[], name: string): Promise<Endpoint> {
    const data = await mkdtemp(join(tmpdir(), "parlor-e2e-"));
    const email = "maria@example.com";
    const allowed = origins.flatMap((origin) => ["--allow-origin", origin]);
    const printed = await parlor(
      ["setup", "--data", data, "--agent", email, "--password", PASSWORD],
      [`--name=${name}`, ...allowed, "--json"],
    );
    return new Endpoint(data, JSON.parse(printed), email);
  }

  /** Starts again with this settings file. */
  async configure(settings: string): Promise<void> {
    await this.stop();
    await writeFile(join(this.data, "parlor.toml"), settings);
    await this.start();
  }

  /** Adds an agent of these groups, or of all, by name; returns the e-mail address to sign in with. */
  async hire(name: string, groups?: string): Promise<string> {
    const email = `${name.toLowerCase()}@example.com`;
    await parlor(
      ["agent", "add", email, "--data", this.data],
      ["--password", PASSWORD, "--name", name],
      groups ? ["--groups", groups] : [],
    );
    return email;
  }

  /** Somebody comes by a program, and accepts chats. */
  async comes(email: string): Promise<void> {
    const printed = await parlor(["token", "add", email, "a program", "--data", this.data]);
    const token = printed.trim().split(/\s+/).at(-1);
    await this.programComes(token);
  }

  /** Makes somebody a member of these groups, and of no others. */
  async assign(email: string, groups: string): Promise<void> {
    await parlor(["agent", "set", email, "--data", this.data], ["--groups", groups]);
  }

  get url(): string {
    return `http://${this.listen}`;
  }

  /** Starts it, the first time on a free port and later on the same one, and waits until it listens. */
  async start(): Promise<void> {
    const proxied = this.publicUrl ? ["--public-url", this.publicUrl] : [];
    const child = spawn(BINARY, ["serve", "--data", this.data, "--listen", this.listen, ...proxied], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.log += text));
    const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /^parlor: listening on http:\/\/(\S+)$/.exec(line)?.[1];
      if (!address) continue;
      clearTimeout(late);
      child.stdout.resume();
      this.listen = address;
      await this.programComes();
      return;
    }
    clearTimeout(late);
    throw new Error(`the endpoint ended before it listened:\n${this.log}`);
  }

  /** The agent's program accepts chats: after a start nobody is there until they come. */
  private async programComes(token = this.installation.agentToken): Promise<void> {
    const response = await fetch(`${this.url}/v3.6/agent/action/set_routing_status`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ status: "accepting_chats" }),
    });
    if (!response.ok) throw new Error(`the agent's program cannot come: ${response.status}`);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Ends it as an administrator would; returns the exit code. */
  async stop(): Promise<number | null> {
    return this.end("SIGTERM");
  }

  async remove(): Promise<void> {
    await rm(this.data, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (!child) return 0;
    this.child = null;
    if (child.exitCode !== null) return child.exitCode;
    const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    // Its output is at its end too then, so that the log is whole.
    const gone = once(child, "close");
    child.kill(signal);
    const [code] = await gone;
    clearTimeout(late);
    return code;
  }
}

async function parlor(...words: string[][]): Promise<string> {
  const { stdout } = await promisify(execFile)(BINARY, words.flat());
  return stdout;
}
