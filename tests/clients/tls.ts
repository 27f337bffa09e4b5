// TLS in front of the endpoint, for clients that know of `https` and `wss` only. The certificate is
// made for the day and signed by nobody: whoever uses this must be told not to check.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { promisify } from "node:util";
import type { Endpoint } from "../e2e/harness/endpoint";

export class Tls {
  private constructor(
    private readonly server: Server,
    /** `127.0.0.1:port`. */
    readonly host: string,
  ) {}

  static async before(endpoint: Endpoint): Promise<Tls> {
    const { hostname, port } = new URL(endpoint.url);
    const server = createServer(await certificate(), (outside) => {
      const inside = connect(Number(port), hostname);
      outside.pipe(inside).pipe(outside);
      // Whichever end goes, the other goes too, and nobody minds.
      outside.on("error", () => inside.destroy()).on("close", () => inside.destroy());
      inside.on("error", () => outside.destroy()).on("close", () => outside.destroy());
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    return new Tls(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  close(): void {
    this.server.close();
  }
}

async function certificate(): Promise<{ key: Buffer; cert: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  await promisify(execFile)("openssl", [
    ...words,
    ...["-nodes", "-subj", "/CN=127.0.0.1", "-days", "1", "-keyout", key, "-out", cert],
  ]);
  const made = { key: await readFile(key), cert: await readFile(cert) };
  await rm(folder, { recursive: true });
  return made;
}
