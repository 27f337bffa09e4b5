// The floor: the same rows by the browser's own means and nothing else, in groups of fifty of which
// it lays out only those in view. Faster than this a list cannot be shown.
const content = document.querySelector(".transcript-content");
const scroller = document.querySelector(".transcript-scroll");
let group = null;
let frame = 0;

function el(name, className, ...children) {
  const it = document.createElement(name);
  it.className = className;
  it.append(...children);
  return it;
}

function buttons(element) {
  return (element.buttons ?? []).map((button) => {
    const it = el("button", "rich-button", button.text);
    it.type = "button";
    it.dir = "auto";
    it.addEventListener("click", () => it.classList.add("pending"));
    return it;
  });
}

function said(event) {
  const element = event.elements?.[0];
  if (event.template_id === "cards") {
    const title = el("p", "rich-title", element.title);
    const subtitle = el("p", "rich-subtitle", element.subtitle);
    return el("div", "rich-card", el("div", "rich-words", title, subtitle), ...buttons(element));
  }
  if (event.template_id === "quick_replies") {
    const title = el("div", "message-bubble", el("p", "rich-title", element.title));
    return el("div", "rich-asked", title, el("div", "rich-chips", ...buttons(element)));
  }
  const bubble = el("div", "message-bubble", event.text);
  bubble.dir = "auto";
  return bubble;
}

function row(event) {
  if (event.type === "system_message" || event.type === "custom") {
    return el("div", "message other", el("p", "message-notice", event.text ?? ""));
  }
  const author = el("span", "message-author", "Maria");
  const column = el("div", "message-column", author, said(event), el("p", "message-meta", "12:00"));
  return el("div", "message other first last", el("span", "avatar", "M"), column);
}

globalThis.append = (text) => {
  for (const event of JSON.parse(text)) {
    if (!group || group.childElementCount >= 50) {
      group = el("div", "transcript-page");
      content.append(group);
    }
    group.append(row(event));
  }
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => (scroller.scrollTop = scroller.scrollHeight));
};
