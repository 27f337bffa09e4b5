// The loader, which a website embeds: it displays the launcher, and loads the chat into a frame when somebody wants it.
// It knows no credentials and no message. Until somebody wants to chat it requests nothing and stores nothing.
// Must stay true: it adds one element beside <body> and one global, changes nothing else of the page, and throws nothing
// into the page's code.
(() => {
  "use strict";

  const reportError = (...words) => console.error("parlor:", ...words);

  // A page may embed the loader twice, and a router that swaps pages may run it again: the first one continues.
  const stub = window.parlor;
  if (stub?.loaded) return;

  // The endpoint is where this file came from, at the root of an origin or under a path. A copy inside the page's own
  // bundle could not know it.
  const script = document.currentScript;
  if (!script?.src) return reportError("no script tag");
  const endpoint = new URL(".", script.src);
  const chatOrigin = endpoint.origin;

  // The frame sends the first message, within this time even on a slow phone. After that, the window displays an error.
  const FRAME_TIMEOUT_MS = 20000;
  // Routers set the title after the address: this much later both are right, and several changes in a row count as one.
  const ADDRESS_DELAY_MS = 500;

  // One rule a line: esbuild does not minify this text. The launcher's icon is one element, drawn as a speech bubble, and
  // as a chevron while the window is open.
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

  // Not by innerHTML, which a page with Trusted Types forbids.
  const createElement = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    element.append(...children);
    return element;
  };

  const listeners = new Set();
  // Each listener runs in a microtask of its own: one that throws is reported as the page's error, and the others run.
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

  // The widget, from `init` to `destroy`.
  const mount = (settings) => {
    const { deployment, button = "", locale, colorScheme = "auto", position, hideLauncher, consent = "", whenOffline } = settings;
    const destroyed = new AbortController();
    const { signal } = destroyed;
    const listen = (target, names, listener) =>
      names.split(" ").forEach((name) => target.addEventListener(name, listener, { signal }));

    let frame, port, frameTimer, addressTimer, isOpen, ready, failed, focusWhenReady, typing, conversation, hidden, away;
    let unread = 0;
    let address = location.href;

    const badge = createElement("b", { "aria-hidden": true });
    const launcher = createElement("button", { type: "button" }, createElement("u"), badge);
    let focusOnClose = launcher;
    const errorMessage = createElement("p", { role: "status" });
    const chatWindow = createElement("div", {}, createElement("i"), createElement("i"), createElement("i"), createElement("i"), errorMessage);
    const container = createElement("aside", { "aria-label": "Chat" }, launcher, chatWindow);
    const host = createElement("parlor-chat");
    const root = host.attachShadow({ mode: "open" });
    const styleSheet = new CSSStyleSheet();
    styleSheet.replaceSync(CSS);
    root.adoptedStyleSheets = [styleSheet];
    root.append(container);

    const render = () => {
      // Until the frame displays its own button to close, only the launcher can close the window.
      const noLauncher = hidden || (away && !conversation && !isOpen) || (hideLauncher && (!isOpen || ready));
      container.className = [colorScheme, position, noLauncher && "bare", isOpen && "open", ready && "ready", typing && "typing"]
        .filter(Boolean).join(" ");
      launcher.setAttribute("aria-expanded", !!isOpen);
      launcher.setAttribute("aria-label", isOpen ? "Close chat"
        : "Open chat" + (unread ? `, ${unread} unread message${unread > 1 ? "s" : ""}` : ""));
      badge.textContent = unread > 99 ? "99+" : unread || "";
      errorMessage.textContent = failed ? "The chat cannot be reached." : "";

      clearTimeout(frameTimer);
      if (isOpen && !ready && !failed) frameTimer = setTimeout(() => {
        failed = true;
        reportError(`no answer from ${chatOrigin}: is ${origin} allowed?`);
        emit("error", { reason: "unreachable" });
        render();
      }, FRAME_TIMEOUT_MS);
    };

    // Stores that there is a conversation, and whether its window is open, for the next page of the site; nothing else.
    // The conversation itself is stored by the frame. A browser may refuse storage: then the next page shows the launcher.
    const withStorage = (work) => {
      try {
        if (consent != "required") return work(localStorage, "parlor:" + deployment);
      } catch {}
    };
    const storeState = () =>
      withStorage((store, key) => conversation ? store[key] = JSON.stringify({ open: isOpen }) : delete store[key]);
    // After a conversation it also stores which pages reach goals of the site, and until when that counts. Without them
    // nobody has chatted here, and no goal is reported.
    const storeGoals = (goals) =>
      withStorage((store, key) => goals ? store[key + ":goals"] = JSON.stringify(goals) : delete store[key + ":goals"]);
    const readGoals = () => withStorage((store, key) => {
      const goals = JSON.parse(store[key + ":goals"]);
      if (goals.until > Date.now()) return goals;
      storeGoals();
    });
    const track = (goal) => {
      if (!frame && !readGoals()) return;
      loadFrame();
      sendVisitorCall("track", goal);
    };
    const checkGoals = () => withStorage(() => readGoals().pages.forEach(({ goal, path }) => {
      const pattern = path.replace(/\W/g, (character) => character == "*" ? ".*" : "\\" + character);
      if (RegExp(`^${pattern}$`).test(location.pathname)) track(goal);
    }));

    const post = (message) => port?.postMessage(message);
    // What the page has said about its visitor, kept for a frame that is loaded later. Of who they are the newest counts.
    let visitorCalls = [];
    const sendVisitorCall = (type, value) => {
      if (type == "identify") visitorCalls = visitorCalls.filter((call) => call.type != type);
      // A goal is reported once: another frame would be another visitor's.
      if (type != "track" || !port) visitorCalls.push({ type, value });
      post({ type, value });
    };
    const page = () => ({ url: location.href, title: document.title });

    const loadFrame = () => {
      if (frame) return;
      frame = createElement("iframe", {
        title: "Chat",
        src: `${endpoint}chat/?${new URLSearchParams({ deployment, button, origin, consent })}`,
      });
      chatWindow.append(frame);
    };
    const removeFrame = () => {
      port?.close();
      frame?.remove();
      frame = port = ready = failed = null;
    };

    // The frame gets the focus only when somebody has just opened the window, never when a new page restores it.
    const focusFrame = () => {
      focusWhenReady = false;
      frame.focus();
      post({ type: "open" });
    };
    const setOpen = (value, focus) => {
      focusWhenReady = focus;
      isOpen = value;
      render();
      if (conversation) storeState();
      emit(value ? "open" : "close");
    };
    const open = (opener) => {
      hidden = false;
      if (isOpen) return render();
      if (failed) removeFrame();
      focusOnClose = opener || launcher;
      loadFrame();
      setOpen(true, true);
      if (ready) focusFrame();
    };
    const close = () => {
      if (!isOpen) return;
      const inside = root.activeElement == frame;
      setOpen(false);
      post({ type: "close" });
      if (inside) (focusOnClose.isConnected ? focusOnClose : launcher).focus();
    };
    const toggle = () => isOpen ? close() : open();

    const onFrameMessage = ({ data }) => {
      const { type, name } = data;
      if (type == "ready") {
        ready = true;
        failed = false;
        emit(type);
        if (focusWhenReady) focusFrame();
      }
      if (type == "unread") emit(type, unread = Math.max(0, data.count | 0));
      if (type == "typing") typing = data.on;
      if (type == "close") close();
      // Another tab of the visitor has opened or closed the window, so the focus stays where it is.
      if (type == "shown" && data.on ^ isOpen) setOpen(data.on);
      if (type == "goals") storeGoals(data.goals);
      if (type == "conversation") {
        conversation = data.open;
        storeState();
      }
      if (type == "event") emit(name, data.detail);
      // A page that listens to `custom` displays custom events itself.
      if (name == "custom") listeners.forEach((entry) => entry.name == name && post({ type: "handles" }));
      render();
    };

    // A frame sends `hello` whenever it has loaded: also after the page has removed our element and we have added it again.
    listen(window, "message", ({ data, origin: from, source }) => {
      if (from != chatOrigin || source !== frame?.contentWindow || data?.type != "hello") return;
      const { port1, port2 } = new MessageChannel();
      port = port1;
      port.onmessage = onFrameMessage;
      ready = false;
      render();
      source.postMessage({
        parlor: 1,
        type: "connect",
        config: { open: !!isOpen, visitorCalls, locale, colorScheme, page: { ...page(), referrer: document.referrer } },
      }, chatOrigin, [port2]);
      visitorCalls = visitorCalls.filter((call) => call.type != "track");
    });

    const checkAddress = () => {
      clearTimeout(addressTimer);
      addressTimer = setTimeout(() => {
        if (address == location.href) return;
        address = location.href;
        post({ type: "page", ...page() });
        checkGoals();
      }, ADDRESS_DELAY_MS);
    };
    listen(window.navigation || window, "currententrychange popstate", checkAddress);

    listen(launcher, "pointerenter pointerdown focus", loadFrame);
    listen(launcher, "click", toggle);
    listen(launcher, "keydown", ({ key }) => key == "Escape" && close());

    // Buttons of the page that open the chat. A click may also follow a router's link, which only the navigation API reports.
    const openingElement = (event) => event.composedPath().find((node) => node.matches?.("[data-parlor-open]"));
    listen(document, "pointerover focusin", (event) => openingElement(event) && loadFrame());
    listen(document, "click", (event) => {
      checkAddress();
      const element = openingElement(event);
      if (!element) return;
      event.preventDefault();
      open(element);
    });

    // Beside <body>, so that it survives when a router swaps the body. If the page removes it, it is added again before
    // the next paint: at most once a frame, so that a page that keeps removing it is not slowed down.
    const observer = new MutationObserver(() => host.isConnected || requestAnimationFrame(attachHost));
    const attachHost = () => {
      if (signal.aborted) return;
      host.isConnected || document.documentElement.append(host);
      observer.observe(document.documentElement, { childList: true });
    };
    observer.observe(document, { childList: true });
    attachHost();

    // A conversation of an earlier page, or one that another tab of the site has begun.
    const restoreConversation = () => {
      conversation || withStorage((store, key) => {
        isOpen = JSON.parse(store[key]).open;
        conversation = true;
        loadFrame();
      });
      render();
    };
    listen(window, "storage", restoreConversation);
    // The launcher is shown once somebody is known to be there, or if that cannot be known.
    if (whenOffline == "hide") {
      away = true;
      (window.requestIdleCallback || setTimeout)(() =>
        fetch(`${endpoint}chat/rest/Visitor/Settings?deployment_id=${deployment}&Settings.buttonIds=[${button}]`, { signal })
          .then((answer) => answer.json())
          .then(({ messages: [{ message }] }) => away = !message.welcome.online.length)
          .catch(() => away = false)
          .then(render));
    }
    restoreConversation();
    checkGoals();

    return {
      id: deployment + button,
      open: () => open(),
      close,
      toggle,
      show() {
        hidden = false;
        render();
      },
      hide() {
        close();
        hidden = true;
        render();
      },
      destroy() {
        destroyed.abort();
        observer.disconnect();
        clearTimeout(frameTimer);
        removeFrame();
        host.remove();
        widget = null;
      },
      sendVisitorCall,
      track,
      state: () => ({ open: !!isOpen, ready: !!ready, hidden: !!hidden, conversation: !!conversation, unread }),
    };
  };

  let widget = null;
  const commands = {
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
      // The frame handles what concerns the visitor and the conversation.
      if (widget && /^(identify|setAttributes|prefill|custom)$/.test(verb)) return widget.sendVisitorCall(verb, ...values);
      const command = commands[verb] || widget?.[verb];
      if (!command) throw `no "${verb}"` + (widget ? "" : " before init");
      return command(...values);
    } catch (problem) {
      reportError(problem);
    }
  };
  parlor.loaded = true;

  const { dataset } = script;
  if (dataset.deployment) parlor("init", { ...dataset, hideLauncher: "hideLauncher" in dataset });
  else if (!stub) reportError("no data-deployment");
  // Calls that the page made before the loader ran. Events are emitted later, so these listeners get the first one too.
  for (const call of stub?.q || []) parlor(...call);
})();
