// All that passes between a browser and the endpoint, and the search for a secret in it. A body that
// cannot be read fails the search: nobody knows what is in it.
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { Exchange, FaultyProxy } from "./proxy";

const DECODERS: Record<string, (body: Buffer) => Buffer> = {
  identity: (body) => body,
  br: brotliDecompressSync,
  gzip: gunzipSync,
  deflate: inflateSync,
};

export class Traffic {
  private readonly exchanges: Exchange[] = [];

  /** Records from now on. */
  constructor(proxy: FaultyProxy) {
    proxy.passed = (exchange) => this.exchanges.push(exchange);
  }

  /** The places in which a secret stands, such as `the URL of GET /chat/`. */
  places(secret: string): string[] {
    return this.exchanges.flatMap(({ method, url, request, response }) => {
      const call = `${method} ${url.split("?")[0]}`;
      const parts: [string, string][] = [
        ["the URL", url],
        ["the referrer", [request.headers.referer].flat().join()],
        ["the request", text(request, call)],
        ["the answer", response ? text(response, call) : ""],
      ];
      return parts.filter(([, text]) => contains(text, secret)).map(([part]) => `${part} of ${call}`);
    });
  }

  /** All values of a header in the requests, each once. */
  sent(header: string): string[] {
    const values = this.exchanges.flatMap(({ request }) => request.headers[header] ?? []);
    return [...new Set(values)];
  }
}

/** Whether a text holds a secret: as it is, or written as JSON, a URL or a form writes it. */
export function contains(text: string, secret: string): boolean {
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  const forms = [secret, json, JSON.stringify(json).slice(1, -1), url, url.replaceAll("%20", "+"), base64];
  const searched = text.toLowerCase();
  return forms.some((form) => searched.includes(form.toLowerCase()));
}

function text({ headers, body, whole }: NonNullable<Exchange["response"]>, call: string): string {
  if (!whole) throw new Error(`${call}: a body was cut, and cannot be searched`);
  const encoding = String(headers["content-encoding"] ?? "identity");
  const decode = DECODERS[encoding];
  if (!decode) throw new Error(`${call}: a body is encoded as ${encoding}, and cannot be searched`);
  return decode(body).toString("utf8");
}
