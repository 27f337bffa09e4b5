/**
 * The API of `parlor.js` in the page: one function on `window`.
 *
 * Calls may come before the script has loaded, through the usual stub:
 * `window.parlor = window.parlor || function(){(parlor.q = parlor.q || []).push(arguments)}`.
 * A stubbed call returns nothing; what was asked is done once the script is there.
 *
 * No call throws. What is wrong is said on the console, beginning with "parlor:".
 */
export interface ParlorSettings {
  /** The deployment's id, as `parlor setup` prints it. */
  deployment: string;
  /** The button's id: which skill or team the conversations go to. */
  button?: string;
  /** The corner of the page; `right` unless said otherwise. */
  position?: "left" | "right";
  /** A BCP 47 tag, as `de` or `pt-BR`; the browser's languages unless said otherwise. */
  locale?: string;
  /** `auto`, which is the default, follows the visitor's system. */
  colorScheme?: "light" | "dark" | "auto";
  /** No launcher: elements with `data-parlor-open`, or the page's own calls, open the chat. */
  hideLauncher?: boolean;
  /** `required`: nothing at all is kept in the page's storage, nor in the frame's. */
  consent?: "required";
}

export interface ParlorState {
  /** The window is shown. */
  open: boolean;
  /** The frame has loaded and answers. */
  ready: boolean;
  /** `hide` was called, and neither `show` nor `open` since. */
  hidden: boolean;
  /** A conversation is going on, or waits for its first answer. */
  conversation: boolean;
  /** Messages that the visitor has not seen. */
  unread: number;
}

/** What each event hands to its listeners. */
export interface ParlorEvents {
  /** The frame has loaded, for the first time or again. */
  ready: undefined;
  open: undefined;
  close: undefined;
  /** How many messages the visitor has not seen. */
  unread: number;
  "message:sent": unknown;
  "message:received": unknown;
  "conversation:started": unknown;
  "conversation:ended": unknown;
  /** An event of the site's own. While anybody listens, the window shows no line for it. */
  custom: { id: string; content: unknown };
  /** The visitor has rated the conversation. */
  rating: { score: "good" | "bad" };
  /** `unreachable`: the window was opened and the frame did not answer in time; it may still. */
  error: { reason: string };
}

export interface Parlor {
  /** Puts the chat into the page. The script tag's `data-` attributes do the same; with neither, there is none. */
  (verb: "init", settings: ParlorSettings): void;
  /** Shows the window, and the launcher if it was hidden by `hide`. */
  (verb: "open"): void;
  (verb: "close"): void;
  (verb: "toggle"): void;
  /** Undoes `hide`. */
  (verb: "show"): void;
  /** Closes the window and takes the launcher away. */
  (verb: "hide"): void;
  /** Removes everything from the page except listeners; `init` may follow. A conversation goes on where it was. */
  (verb: "destroy"): void;
  /** Listens, before or after `init`; call what it returns to stop. */
  <Name extends keyof ParlorEvents>(verb: "on", name: Name, listener: (detail: ParlorEvents[Name]) => void): () => void;
  /** Listens for the next one only. */
  <Name extends keyof ParlorEvents>(verb: "once", name: Name, listener: (detail: ParlorEvents[Name]) => void): () => void;
  /** Vouches for the visitor: a JWT (HS256) under the deployment's secret, made by the site's server. Before `open` is best. */
  (verb: "identify", token: string): void;
  /** Says something of the visitor, shown to agents; later calls add to it and win. */
  (verb: "setAttributes", attributes: Record<string, unknown>): void;
  /** Fills in what is still empty: by a field's id, by `name` or `email`, and the composer by `message`. */
  (verb: "prefill", values: Record<string, string | string[]>): void;
  /**
   * Sends an event of the page's own into the conversation, for agents and their programs. With no
   * conversation going on it is dropped, and the console says so.
   */
  (verb: "custom", content: unknown): void;
  /** How things are; `null` before `init` and after `destroy`. */
  (verb: "state"): ParlorState | null;

  /** True once the script itself is there; the stub has none. */
  readonly loaded?: true;
}

declare global {
  interface Window {
    parlor: Parlor;
  }
  /** The same function, as the page's scripts call it. */
  var parlor: Parlor;
}
