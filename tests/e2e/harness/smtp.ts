// A real SMTP server in a process of its own: crates/server/tests/mail/smtp_server.py, which says what it
// understands. `cargo xtask test` installs what it imports.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";

export interface Mail {
  sender: string;
  recipients: string[];
  headers: Record<string, string>;
  text: string;
}

export class SmtpServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: Interface,
    readonly port: number,
  ) {}

  static async start(): Promise<SmtpServer> {
    const program = resolve("crates/server/tests/mail/smtp_server.py");
    const child = spawn(join(cache(), "smtp/bin/python"), [program], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout });
    const [line] = await once(lines, "line");
    return new SmtpServer(child, lines, Number(String(line).replace("listening ", "")));
  }

  /** All that it has taken. */
  async mails(): Promise<Mail[]> {
    const answer = once(this.lines, "line");
    this.child.stdin?.write("mails\n");
    const [line] = await answer;
    return JSON.parse(String(line));
  }

  async stop(): Promise<void> {
    const gone = once(this.child, "close");
    this.child.stdin?.end();
    await gone;
  }
}

/** As in xtask/src/paths.rs. */
function cache(): string {
  const { PARLOR_TOOLS, XDG_CACHE_HOME } = process.env;
  if (PARLOR_TOOLS) return PARLOR_TOOLS;
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "parlor");
}
