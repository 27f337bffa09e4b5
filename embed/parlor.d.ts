/**
 * The API of `parlor.js` in the page: one function on `window`.
 *
 * Calls may come before the script has loaded, through the usual stub:
 * `window.parlor = window.parlor || function(){(parlor.q = parlor.q || []).push(arguments)}`.
 * A stubbed call returns nothing, and is made once the script is there.
 *
 * No call throws. A mistake is written to the console, in a line that begins with "parlor:".
 */
export interface ParlorSettings {
  /** The deployment's id, as `parlor setup` prints it. */
  deployment: string;
  /** The button's id: the queue in which visitors wait. */
  button: string;
  /** The corner of the page; `right` by default. */
  position?: "left" | "right";
  /** A BCP 47 tag, as `de` or `pt-BR`. Reserved: the window uses the browser's language whatever it is. */
  locale?: string;
  /** `auto`, which is the default, follows the visitor's system. */
  colorScheme?: "light" | "dark" | "auto";
  /** No launcher: elements with `data-parlor-open`, or the page's own calls, open the chat. */
  hideLauncher?: boolean;
  /** `required`: nothing is stored on the visitor's device, by the page or by the frame. */
  consent?: "required";
  whenOffline?: "hide";
}

export interface ParlorState {
  /** The window is shown. */
  open: boolean;
  /** The frame has loaded. */
  ready: boolean;
  /** `hide` was called, and neither `show` nor `open` since. */
  hidden: boolean;
  /** A conversation is going on, or waits for an agent. */
  conversation: boolean;
  /** Messages that the visitor has not seen. */
  unread: number;
}

/** The argument of each event's listeners. */
export interface ParlorEvents {
  /** The frame has loaded, for the first time or again. */
  ready: undefined;
  open: undefined;
  close: undefined;
  /** How many messages the visitor has not seen. */
  unread: number;
  /** The endpoint has stored a message of the visitor. */
  "message:sent": { id: string };
  /** A message of an agent has arrived. */
  "message:received": { id: string };
  /** A conversation begins; not when one is resumed on another page. */
  "conversation:started": Record<string, never>;
  "conversation:ended": Record<string, never>;
  /** An event of the site's own. While anybody listens, the window shows no line for it. */
  custom: { id: string; content: unknown };
  /** The visitor has rated the conversation. */
  rating: { score: "good" | "bad" };
  /**
   * `unreachable`: the window was opened, and the frame has not answered within 20 s; it still may.
   * `unavailable`: no agent is there. `refused`: the endpoint did not understand the request. `internal`: it failed.
   */
  error: { reason: "unreachable" | "unavailable" | "refused" | "internal" };
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
  /**
   * Vouches for the visitor, by a JWT (HS256) that the site's server signs with the deployment's secret: call it on every
   * page where they are signed in. They then have one conversation on all their devices. One that goes on already becomes
   * theirs. `null` says that nobody is signed in: the device forgets the conversations of whoever was.
   */
  (verb: "identify", token: string | null): void;
  /** Describes the visitor to the agents. A later call adds to the earlier ones, and wins for the same key. */
  (verb: "setAttributes", attributes: Record<string, unknown>): void;
  /** Fills in what is still empty: fields of the form before a chat by id or by type, and the composer by `message`. */
  (verb: "prefill", values: Record<string, string | string[]>): void;
  /**
   * Sends an event of the page's own into the conversation, for agents and their programs. With no
   * conversation going on it is dropped, and the console says so.
   */
  (verb: "custom", content: unknown): void;
  /**
   * Says that the visitor has reached a goal of the site, by its name in the settings file. It counts for their last chat.
   * Of a visitor who has not chatted in this browser, nothing is requested or stored.
   */
  (verb: "track", goal: string): void;
  /** The current state; `null` before `init` and after `destroy`. */
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
