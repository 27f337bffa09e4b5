// The real nginx before the endpoint, configured as `docs/DEPLOYING.md` tells an operator to.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoint, Installation } from "./endpoint";

/** Where Debian has it, which is not on every user's `PATH`. */
const USUAL = "/usr/sbin/nginx";
const BINARY = existsSync(USUAL) ? USUAL : "nginx";
const PATIENCE_MS = 15_000;

export class Nginx {
  private constructor(
    readonly url: string,
    readonly installation: Installation,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts it, and restarts the endpoint under the address that nginx gives it: its root, or a path such as `/support`. */
  static async before(endpoint: Endpoint, path: "" | "/support"): Promise<Nginx> {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), "parlor-nginx-"));
    await mkdir(join(folder, "temp"));
    const upstream = new URL(endpoint.url).host;
    const servers = await sample(path, `127.0.0.1:${port}`, upstream);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((of) => `${of}_temp_path temp/${of};`);
    const configuration = `daemon off; pid nginx.pid; error_log stderr;
      events {}
      http { access_log off; ${temporary.join(" ")}
      ${servers} }`;
    await writeFile(join(folder, "nginx.conf"), configuration);
    const child = spawn(BINARY, ["-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const url = `http://127.0.0.1:${port}${path}`;
    await endpoint.stop();
    endpoint.publicUrl = url;
    await endpoint.start();
    const nginx = new Nginx(url, endpoint.installation, folder, child);
    await nginx.answers();
    return nginx;
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null) {
      const gone = once(this.child, "exit");
      this.child.kill("SIGTERM");
      await gone;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const late = Date.now() + PATIENCE_MS;
    for (;;) {
      const response = await fetch(`${this.url}/healthz`).catch(() => null);
      if (response?.ok) return;
      if (this.child.exitCode !== null) throw new Error(`nginx ended with ${this.child.exitCode}`);
      if (Date.now() > late) throw new Error("nginx does not answer");
      await new Promise((later) => setTimeout(later, 50));
    }
  }
}

/** The sample of the documents, without TLS, at this address before this endpoint. */
async function sample(path: string, listen: string, upstream: string): Promise<string> {
  const document = await readFile("docs/DEPLOYING.md", "utf8");
  const [own, below] = [...document.matchAll(/^```nginx\n(.*?)^```/gms)].map(([, text]) => text ?? "");
  if (!own || !below) throw new Error("docs/DEPLOYING.md has no two samples for nginx");
  const [map] = own.split("server {");
  const whole = path ? `${map}server { listen 443 ssl;\n${below} }` : own;
  const changed = whole.replace("listen 443 ssl;", `listen ${listen};`).replaceAll("127.0.0.1:8080", upstream);
  if (changed.includes("443") || !changed.includes(upstream)) throw new Error("the sample is not what it was");
  return changed;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
