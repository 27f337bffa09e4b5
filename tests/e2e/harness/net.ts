// Catches what must not happen in any document of a browser: a foreign script that runs, a request to a
// foreign origin, and an element that would do either at the next click.
import type { BrowserContext, Frame, Page } from "@playwright/test";

export class Net {
  /** Sentences about what was caught. Pictures that the policy blocked before a request are left out. */
  readonly caught: string[] = [];

  private constructor(private readonly ours: (address: URL) => boolean) {}

  /** To be called before the context's first page. `ours` are the origins that may be requested. */
  static async spread(context: BrowserContext, ours: string[]): Promise<Net> {
    const net = new Net((address) => ours.includes(address.origin) || address.protocol === "data:");
    await context.exposeBinding("caught", (_, what: string) => void net.caught.push(what));
    await context.addInitScript(() => {
      const caught = (what: string) => Reflect.get(window, "caught")(what);
      for (const name of ["alert", "confirm", "prompt", "print"]) {
        Reflect.set(window, name, () => caught(`${name} was called`));
      }
      addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) => {
        if (effectiveDirective !== "img-src") caught(`${effectiveDirective} forbade ${blockedURI} ${sample}`);
      });
    });
    await context.route(
      (address) => !net.ours(address),
      (route) => {
        net.caught.push(`${route.request().resourceType()} asked for ${route.request().url()}`);
        return route.abort();
      },
    );
    const watch = (page: Page) =>
      page.on("dialog", (dialog) => {
        net.caught.push(`${dialog.type()}: ${dialog.message()}`);
        void dialog.dismiss();
      });
    context.pages().forEach(watch);
    context.on("page", watch);
    return net;
  }

  /** The elements of a document that do more than show text and link to the web. */
  async look(where: Frame): Promise<string[]> {
    return where.evaluate(() => {
      const ACTS = ["href", "src", "srcset", "action", "formaction", "data", "poster", "background", "xlink:href"];
      const SAFE = ["http:", "https:", "mailto:", "tel:"];
      const found: string[] = [];
      for (const element of document.querySelectorAll("body, body *")) {
        const report = (what: string) => found.push(`${what}: ${element.outerHTML.slice(0, 200)}`);
        if (/^(script|iframe|frame|object|embed|applet|base|meta|link|style|portal|animate|set)$/i.test(element.localName)) {
          report("an element");
        }
        for (const { name, value } of element.attributes) {
          if (/^on/i.test(name) || name === "srcdoc" || name === "ping" || /url\(|expression/.test(name === "style" ? value : "")) {
            report(name);
          }
          if (!ACTS.includes(name)) continue;
          // As the browser reads it, for a list of pictures too.
          for (const one of name === "srcset" ? value.split(/ [12]x(?:, )?/) : [value]) {
            const protocol = URL.canParse(one, document.baseURI) && new URL(one, document.baseURI).protocol;
            if (one && protocol && !SAFE.includes(protocol)) report(`${name} leads by ${protocol}`);
          }
        }
      }
      return found;
    });
  }
}
