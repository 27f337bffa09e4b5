// What a stranger pastes: the launcher in the page, and behind it the frame on the chat origin.
// It knows nothing of the conversation and holds no key; it asks for nothing and stores nothing until somebody wants to chat.
// Must stay true: the page gains one element beside <body> and one global, loses nothing, and no error of ours reaches its code.
(() => {
  "use strict";

  const complain = (...words) => console.error("parlor:", ...words);

  // Pasted twice, or brought in again by a page that was swapped in: the first one goes on.
  const stub = window.parlor;
  if (stub?.loaded) return;

  // The chat is wherever this file came from; a copy built into the page's own bundle would not know.
  const script = document.currentScript;
  if (!script?.src) return complain("no script tag");
  const chat = new URL(script.src).origin;

  // The frame speaks first, and within this time even on a slow phone; after it the window says so instead of waiting on.
  const PATIENCE_MS = 20000;
  // Routers set the title after the address; half a second later both are right, and a flurry of changes has become one.
  const PAGE_SETTLES_MS = 500;

  // Rules stay on one line each: this text is shipped as it stands. The icon is one box that is a bubble, and a chevron when open.
  const CSS = `
:host{all:initial!important;display:contents!important}
aside{--a:#2f54d4;position:fixed;z-index:2147483647;font:15px/1.5 system-ui}
.auto{color-scheme:light dark}
.dark{color-scheme:dark}
button,div{position:fixed;box-sizing:border-box;right:calc(20px + env(safe-area-inset-right));bottom:calc(20px + env(safe-area-inset-bottom));border:0}
.left>*{right:auto;left:calc(20px + env(safe-area-inset-left))}
button{z-index:1;width:56px;height:56px;padding:0;border-radius:50%;background:var(--a);color:#fff;cursor:pointer;box-shadow:0 1px 3px #0003,0 6px 20px #0003}
button:focus-visible{outline:3px solid var(--a);outline-offset:3px;box-shadow:0 0 0 3px #fff,0 0 0 8px #fff}
u{position:absolute;inset:16px 14px;border-radius:11px 11px 11px 3px;background:#fff}
.typing u{background:radial-gradient(circle,var(--a) 1.8px,#fff 2.3px) 50%/8px}
.open u{inset:18px 20px 22px;border:solid;border-width:0 2.5px 2.5px 0;border-radius:0;background:none;rotate:45deg}
b{position:absolute;top:-4px;right:-4px;min-width:22px;box-sizing:border-box;padding:0 6px;border-radius:11px;background:#c92a2a;font:600 12px/22px system-ui;box-shadow:0 0 0 2px #fff}
b:empty,.open b,.bare button{display:none}
div{bottom:calc(88px + env(safe-area-inset-bottom));width:400px;height:min(704px,100dvh - 104px);overflow:hidden;border-radius:16px;background:Canvas;color:CanvasText;box-shadow:0 0 0 1px #8883,0 12px 48px #0003;visibility:hidden;opacity:0;translate:0 12px}
.bare div{bottom:20px}
.open div{visibility:visible;opacity:1;translate:0}
iframe{position:absolute;width:100%;height:100%;border:0;opacity:0}
.ready iframe{opacity:1}
i{position:absolute;inset:88px 35% auto 20px;height:44px;border-radius:12px;background:#8883}
i:first-child{inset:0 0 auto;height:64px;border-radius:0;background:var(--a)}
i+i+i{top:140px;right:20%;height:68px}
i+i+i+i{inset:auto 20px 20px}
.ready i,.ready p{visibility:hidden}
p{position:absolute;inset:auto 20px 84px;margin:0;text-align:center}
@media(max-width:479.98px){div{inset:0!important;width:100%;height:100dvh;border-radius:0}.open.ready button{display:none}}
@media(prefers-reduced-motion:no-preference){u,div,iframe{transition:.2s}.typing u,.open i+i{animation:dim 1s infinite alternate}@keyframes dim{to{opacity:.5}}}
@media(forced-colors:active){u{forced-color-adjust:none;background:ButtonText;color:ButtonText}button,div,b,i{border:1px solid}}
@media print{aside{display:none}}`;

  // Elements one by one: a page with Trusted Types lets nobody set innerHTML.
  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    element.append(...children);
    return element;
  };

  const listeners = new Set();
  // Each listener runs in a turn of its own: one that throws is reported as the page's error and stops nobody else.
  const emit = (name, detail) =>
    queueMicrotask(() => listeners.forEach((entry) => {
      if (entry.name != name) return;
      if (entry.once) listeners.delete(entry);
      queueMicrotask(() => entry.listener(detail));
    }));
  const on = (name, listener, once) => {
    if (!listener?.call) throw "no listener";
    const entry = { name, listener, once };
    listeners.add(entry);
    return () => void listeners.delete(entry);
  };

  // One widget in the page, from `init` to `destroy`.
  const mount = (settings) => {
    const { deployment, button = "", locale, colorScheme = "auto", position, hideLauncher, consent = "" } = settings;
    const ending = new AbortController();
    const { signal } = ending;
    const listen = (target, names, listener) =>
      names.split(" ").forEach((name) => target.addEventListener(name, listener, { signal }));

    let frame, port, patience, settling, opened, ready, failed, calling, typing, conversation, hidden;
    let unread = 0;
    let address = location.href;

    const badge = make("b", { "aria-hidden": true });
    const launcher = make("button", { type: "button" }, make("u"), badge);
    let opener = launcher;
    const trouble = make("p", { role: "status" });
    const pane = make("div", {}, make("i"), make("i"), make("i"), make("i"), trouble);
    const box = make("aside", { "aria-label": "Chat" }, launcher, pane);
    const host = make("parlor-chat");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    root.append(box);

    const draw = () => {
      // Until the frame brings its own minimise button, a window without a launcher would have no way out.
      const bare = hidden || (hideLauncher && (!opened || ready));
      box.className = [colorScheme, position, bare && "bare", opened && "open", ready && "ready", typing && "typing"]
        .filter(Boolean).join(" ");
      launcher.setAttribute("aria-expanded", !!opened);
      launcher.setAttribute("aria-label", opened ? "Close chat"
        : "Open chat" + (unread ? `, ${unread} unread message${unread > 1 ? "s" : ""}` : ""));
      badge.textContent = unread > 99 ? "99+" : unread || "";
      trouble.textContent = failed ? "The chat cannot be reached." : "";

      clearTimeout(patience);
      if (opened && !ready && !failed) patience = setTimeout(() => {
        failed = true;
        complain(`no answer from ${chat}: is ${origin} allowed?`);
        emit("error", { reason: "unreachable" });
        draw();
      }, PATIENCE_MS);
    };

    // That a conversation is open, and whether its window was: all that is ever kept here, and the browser may refuse.
    // The conversation itself is in the frame; without storage only the way back to it on the next page is lost.
    const storage = (work) => {
      try {
        if (consent != "required") return work(localStorage, "parlor:" + deployment);
      } catch {}
    };
    const remember = () =>
      storage((kept, key) => conversation ? kept[key] = JSON.stringify({ open: opened }) : delete kept[key]);

    const post = (message) => port?.postMessage(message);
    // What the page says of its visitor, for the frame that is there and for the next one.
    const said = [];
    const say = (type, value) => {
      said.push({ type, value });
      post({ type, value });
    };
    const page = () => ({ url: location.href, title: document.title });

    const warm = () => {
      if (frame) return;
      frame = make("iframe", {
        title: "Chat",
        src: `${chat}/chat/?${new URLSearchParams({ deployment, button, origin, consent })}`,
      });
      pane.append(frame);
    };
    const unload = () => {
      port?.close();
      frame?.remove();
      frame = port = ready = failed = null;
    };

    // Focus goes in only when a person has just asked for the chat, never when a page brings back an open window.
    const enter = () => {
      calling = false;
      frame.focus();
      post({ type: "open" });
    };
    const turn = (now, called) => {
      calling = called;
      opened = now;
      draw();
      if (conversation) remember();
      emit(now ? "open" : "close");
    };
    const open = (by) => {
      hidden = false;
      if (opened) return draw();
      if (failed) unload();
      opener = by || launcher;
      warm();
      turn(true, true);
      if (ready) enter();
    };
    const close = () => {
      if (!opened) return;
      const inside = root.activeElement == frame;
      turn(false);
      post({ type: "close" });
      if (inside) (opener.isConnected ? opener : launcher).focus();
    };
    const toggle = () => opened ? close() : open();

    const hear = ({ data }) => {
      const { type, name } = data;
      if (type == "ready") {
        ready = true;
        failed = false;
        emit(type);
        if (calling) enter();
      }
      if (type == "unread") emit(type, unread = Math.max(0, data.count | 0));
      if (type == "typing") typing = data.on;
      if (type == "close") close();
      // Another tab of the visitor's opened or closed it: nobody here asked for the focus.
      if (type == "shown" && data.on ^ opened) turn(data.on);
      if (type == "conversation") {
        conversation = data.open;
        remember();
      }
      if (type == "event") emit(name, data.detail);
      // A page that listens shows its own events itself.
      if (name == "custom") listeners.forEach((entry) => entry.name == name && post({ type: "handles" }));
      draw();
    };

    // The frame says hello again after it was reloaded, as when the page took our element out and we put it back.
    listen(window, "message", ({ data, origin: from, source }) => {
      if (from != chat || source !== frame?.contentWindow || data?.type != "hello") return;
      const { port1, port2 } = new MessageChannel();
      port = port1;
      port.onmessage = hear;
      ready = false;
      draw();
      source.postMessage({
        parlor: 1,
        type: "connect",
        config: { open: !!opened, said, locale, colorScheme, page: { ...page(), referrer: document.referrer } },
      }, chat, [port2]);
    });

    const look = () => {
      clearTimeout(settling);
      settling = setTimeout(() => {
        if (address != location.href) post({ type: "page", ...page() });
        address = location.href;
      }, PAGE_SETTLES_MS);
    };
    listen(window.navigation || window, "currententrychange popstate", look);

    listen(launcher, "pointerenter pointerdown focus", warm);
    listen(launcher, "click", toggle);
    listen(launcher, "keydown", ({ key }) => key == "Escape" && close());

    // The page's own buttons; a click may also have been a router's link, where there is no navigation API to tell.
    const asking = (event) => event.composedPath().find((node) => node.matches?.("[data-parlor-open]"));
    listen(document, "pointerover focusin", (event) => asking(event) && warm());
    listen(document, "click", (event) => {
      look();
      const element = asking(event);
      if (!element) return;
      event.preventDefault();
      open(element);
    });

    // Beside <body>, where swapping the body does not reach. If taken out all the same, it is back before the next paint;
    // once a frame and no sooner, so that a page that keeps removing it is not held up.
    const guard = new MutationObserver(() => host.isConnected || requestAnimationFrame(put));
    const put = () => {
      if (signal.aborted) return;
      host.isConnected || document.documentElement.append(host);
      guard.observe(document.documentElement, { childList: true });
    };
    guard.observe(document, { childList: true });
    put();

    // A conversation from an earlier page, or one that begins in another tab of the site.
    const adopt = () => {
      conversation || storage((kept, key) => {
        opened = JSON.parse(kept[key]).open;
        conversation = true;
        warm();
      });
      draw();
    };
    listen(window, "storage", adopt);
    adopt();

    return {
      id: deployment + button,
      open: () => open(),
      close,
      toggle,
      show() {
        hidden = false;
        draw();
      },
      hide() {
        close();
        hidden = true;
        draw();
      },
      destroy() {
        ending.abort();
        guard.disconnect();
        clearTimeout(patience);
        unload();
        host.remove();
        widget = null;
      },
      say,
      state: () => ({ open: !!opened, ready: !!ready, hidden: !!hidden, conversation: !!conversation, unread }),
    };
  };

  let widget = null;
  const verbs = {
    init(settings = {}) {
      const { deployment = "", button = "" } = settings;
      if (!/^[\w-]{1,64}$/.test(deployment)) throw `no deployment "${deployment}"`;
      if (!widget) widget = mount(settings);
      else if (widget.id != deployment + button) throw "destroy first";
    },
    on: (name, listener) => on(name, listener),
    once: (name, listener) => on(name, listener, true),
    destroy: () => widget?.destroy(),
    state: () => widget && widget.state(),
  };

  const parlor = window.parlor = (verb, ...values) => {
    try {
      // What concerns the conversation is the frame's.
      if (widget && /^(identify|setAttributes|prefill|custom)$/.test(verb)) return widget.say(verb, ...values);
      const act = verbs[verb] || widget?.[verb];
      if (!act) throw `no "${verb}"` + (widget ? "" : " before init");
      return act(...values);
    } catch (problem) {
      complain(problem);
    }
  };
  parlor.loaded = true;

  const { dataset } = script;
  if (dataset.deployment) parlor("init", { ...dataset, hideLauncher: "hideLauncher" in dataset });
  else if (!stub) complain("no data-deployment");
  // Events come in a later turn, so what the page asked to hear before we were here hears the first one too.
  for (const call of stub?.q || []) parlor(...call);
})();
