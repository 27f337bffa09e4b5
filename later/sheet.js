// What lies over the window until it is closed, by its button or by Escape: a picture in full, or
// somebody else's page. Rarely wanted, so it is fetched when it first is, with its styles; what it
// shows, and in which words, `src/view/sheet.rs` says. The browser's own dialog keeps the focus
// inside, and gives it back to where it was.
//
// Must stay true: text is only ever set as text; a page of others is never loaded without the walls
// around it.

const HTML = "http://www.w3.org/1999/xhtml";
const SVG = "http://www.w3.org/2000/svg";

const CLOSE = "M6 6l12 12M18 6L6 18";
const MINUS = "M5 12h14";
const PLUS = "M5 12h14M12 5v14";
const LOAD = "M12 4v12M6 11l6 6 6-6M5 21h14";

/** 0 is the whole picture; the style sheet says how near each step is. */
const NEAREST = 4;

const styled = new Promise((done) => {
  const href = new URL("sheet.css", import.meta.url).href;
  const link = element("link", { rel: "stylesheet", href });
  // Without its styles it is not nice, and still there.
  link.onload = link.onerror = done;
  document.head.append(link);
});

/**
 * Shows what is at `address` under a bar with its `name`. `kind` is `picture`, or how high a page
 * stands: `compact`, `tall` or `full`; `file` is what a picture is kept as, and `words` are the
 * buttons' names, a line each.
 */
export async function show(kind, name, address, file, words) {
  await styled;
  // Pressed once more while it was on its way.
  if (document.querySelector("dialog")) return;
  const [close, ...others] = words.split("\n");
  const isPicture = kind === "picture";
  const { inside, tools, keys } = isPicture
    ? picture(name, address, file, others)
    : { inside: page(name, address), tools: [], keys: () => {} };
  const bar = element("div", { class: "sheet-bar" }, [
    element("p", { class: "sheet-name", dir: "auto" }, [name]),
    ...tools,
    button(close, CLOSE, () => dialog.close()),
  ]);
  const height = isPicture ? "full" : kind;
  const dialog = element("dialog", { class: `sheet ${height}`, "aria-label": name }, [bar, inside]);
  dialog.addEventListener("keydown", (event) => {
    // Here Escape closes the sheet and not the window below it.
    event.stopPropagation();
    keys(event.key);
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A picture: nearer and farther by its buttons or by + and -, moved by scrolling, and a way to keep it. */
function picture(name, address, file, [farther, nearer, download]) {
  const image = element("img", {
    class: "viewer-picture",
    alt: name,
    decoding: "async",
    referrerpolicy: "no-referrer",
    src: address,
  });
  const stage = element(
    "div",
    { class: "viewer-stage", tabindex: 0, autofocus: "", role: "group", "aria-label": name },
    [image],
  );
  let step = 0;
  const zoom = (by) => {
    step = Math.min(Math.max(step + by, 0), NEAREST);
    image.dataset.zoom = step;
  };
  const link = {
    class: "window-button",
    href: address,
    target: "_blank",
    rel: "noopener noreferrer",
    download: file,
    "aria-label": download,
  };
  return {
    inside: element("div", { class: "viewer" }, [stage]),
    tools: [
      button(farther, MINUS, () => zoom(-1)),
      button(nearer, PLUS, () => zoom(1)),
      element("a", link, [icon(LOAD)]),
    ],
    keys: (key) => zoom({ "+": 1, "=": 1, "-": -1, 0: -NEAREST }[key] ?? 0),
  };
}

/** May run scripts and forms, and has neither our origin nor any of its own: it reads nothing and keeps nothing. */
function page(name, address) {
  return element("iframe", {
    class: "sheet-page",
    title: name,
    sandbox: "allow-scripts allow-forms allow-popups",
    referrerpolicy: "no-referrer",
    // Last, so that it is never loaded without the walls around it.
    src: address,
  });
}

function button(name, path, press) {
  const made = element("button", { class: "window-button", type: "button", "aria-label": name }, [icon(path)]);
  made.addEventListener("click", press);
  return made;
}

function icon(path) {
  const look = { class: "icon", viewBox: "0 0 24 24", "aria-hidden": true };
  return element("svg", look, [element("path", { d: path }, [], SVG)], SVG);
}

function element(tag, attributes, children = [], space = HTML) {
  const made = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
