// Everything that a browser keeps for a site on the device.
import { type BrowserContext, expect, type Page } from "@playwright/test";

/** The names of all that is kept, by every document of the page and in the context's cookies. */
export async function stored(page: Page): Promise<string[]> {
  const kept = await Promise.all(
    page.frames().map((frame) =>
      frame.evaluate(async () => {
        // Browsers have caches, workers and a private file system for secure documents alone.
        if (!isSecureContext) throw new Error(`${origin} is no secure context: not all stores can be seen`);
        const files: string[] = [];
        const root = await navigator.storage.getDirectory();
        for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys()) files.push(name);
        const names: Record<string, (string | undefined)[]> = {
          localStorage: Object.keys(localStorage),
          sessionStorage: Object.keys(sessionStorage),
          indexedDB: (await indexedDB.databases()).map(({ name }) => name),
          caches: await caches.keys(),
          cookie: document.cookie ? document.cookie.split("; ") : [],
          worker: (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope),
          file: files,
        };
        return Object.entries(names).flatMap(([kind, names]) => names.map((name) => `${kind} of ${origin}: ${name}`));
      }),
    ),
  );
  const cookies = await page.context().cookies();
  return [...kept.flat(), ...cookies.map(({ domain, name }) => `cookie of ${domain}: ${name}`)];
}

/** Keeps something of each kind in every document of the page; all of it must be found by `stored`. */
export async function expectStoredIsFound(page: Page, context: BrowserContext): Promise<void> {
  for (const frame of page.frames()) {
    await frame.evaluate(async () => {
      localStorage.setItem("planted", "1");
      sessionStorage.setItem("planted", "1");
      await new Promise((done, failed) => {
        const request = indexedDB.open("planted");
        request.onsuccess = () => done(request.result.close());
        request.onerror = failed;
      });
      await caches.open("planted");
      await (await navigator.storage.getDirectory()).getFileHandle("planted", { create: true });
    });
  }
  await context.addCookies([{ name: "planted", value: "1", url: page.url(), httpOnly: true }]);
  const found = await stored(page);
  for (const frame of page.frames()) {
    const { origin } = new URL(frame.url());
    for (const kind of ["localStorage", "sessionStorage", "indexedDB", "caches", "file"]) {
      expect(found).toContain(`${kind} of ${origin}: planted`);
    }
  }
  expect(found).toContain(`cookie of ${new URL(page.url()).hostname}: planted`);
}
