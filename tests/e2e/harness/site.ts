// A customer's web site, on an origin (and a site, in the browser's sense) of its own:
// `tests/pages/<case>/` under `/<case>/`, with the three placeholders filled in.
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import type { Installation } from "./endpoint";

/** Where a page loads the chat from: the endpoint, or the proxy before it. */
export interface Chat {
  readonly url: string;
  readonly installation: Installation;
}

/** Headers that a case wants beside its page. */
const HEADERS: Record<string, (chat: string) => Record<string, string>> = {
  "strict-csp": (chat) => ({
    "content-security-policy": `default-src 'none'; script-src ${chat}; frame-src ${chat}`,
  }),
  "trusted-types": () => ({
    "content-security-policy": "require-trusted-types-for 'script'; trusted-types 'none'",
  }),
};

export class Site {
  private chat: Chat | null = null;

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async open(): Promise<Site> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    // Browsers resolve every name below localhost to this machine by themselves.
    const site = new Site(server, `http://shop.localhost:${port}`);
    server.on("request", async (request, response) => {
      const name = new URL(request.url ?? "/", site.origin).pathname.split("/")[1] ?? "";
      const page = await site.page(name);
      // Browsers ask for an icon unasked; its absence is not what a test is about.
      if (name === "favicon.ico") response.writeHead(204).end();
      else if (page === null) response.writeHead(404).end();
      else response.writeHead(200, page.headers).end(page.html);
    });
    return site;
  }

  /** From now on its pages embed this chat. */
  carries(chat: Chat): void {
    this.chat = chat;
  }

  address(name: string): string {
    return `${this.origin}/${name}/`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async page(name: string) {
    const chat = this.chat;
    if (!chat || !/^[a-z-]+$/.test(name)) return null;
    const folder = name === "plain" ? "tests/e2e/plain" : `tests/pages/${name}`;
    const source = await readFile(resolve(folder, "index.html"), "utf8").catch(() => null);
    if (source === null) return null;
    const html = source
      .replaceAll("{{chat}}", chat.url)
      .replaceAll("{{deployment}}", chat.installation.deploymentId)
      .replaceAll("{{button}}", chat.installation.buttonId);
    const headers = { "content-type": "text/html; charset=utf-8", ...HEADERS[name]?.(chat.url) };
    return { html, headers };
  }
}
