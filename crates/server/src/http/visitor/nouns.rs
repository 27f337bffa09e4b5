//! Resources to which visitors POST, and the use case of each.

use std::net::IpAddr;

use parlor_wire::{
    DecodeError, ThreadId,
    visitor::{
        Breadcrumb, ChasitorInit, ChatEnd, ChatMessage, CustomEvent, IdleTimeoutWarning,
        ResyncState, SneakPeek,
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    app::App,
    conversation::{
        Refusal, Result, UnitOfWork, end, handover, init, invalid, send_event, typing,
        visitor_event,
    },
    http::openapi::post::Post,
    store::row::{EndReason, Session},
};

/// A resource that takes POSTs of a session ("noun" in the Chat REST API).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noun {
    ChasitorInit,
    ChasitorResyncState,
    ChasitorTyping,
    ChasitorNotTyping,
    ChasitorSneakPeek,
    ChasitorIdleTimeoutWarningEvent,
    ChatEnd,
    ChatMessage,
    CustomEvent,
    Breadcrumb,
}

impl Noun {
    pub(super) const CHASITOR: [Self; 9] = [
        Self::ChasitorInit,
        Self::ChasitorResyncState,
        Self::ChasitorTyping,
        Self::ChasitorNotTyping,
        Self::ChasitorSneakPeek,
        Self::ChasitorIdleTimeoutWarningEvent,
        Self::ChatEnd,
        Self::ChatMessage,
        Self::CustomEvent,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ChasitorInit => "ChasitorInit",
            Self::ChasitorResyncState => "ChasitorResyncState",
            Self::ChasitorTyping => "ChasitorTyping",
            Self::ChasitorNotTyping => "ChasitorNotTyping",
            Self::ChasitorSneakPeek => "ChasitorSneakPeek",
            Self::ChasitorIdleTimeoutWarningEvent => "ChasitorIdleTimeoutWarningEvent",
            Self::ChatEnd => "ChatEnd",
            Self::ChatMessage => "ChatMessage",
            Self::CustomEvent => "CustomEvent",
            Self::Breadcrumb => "Breadcrumb",
        }
    }

    /// How it is described.
    pub(super) fn described(self) -> Post {
        let name = self.name();
        match self {
            Self::ChasitorInit => Post::of::<ChasitorInit>(name, "Ask for a chat."),
            Self::ChasitorResyncState => Post::of::<ResyncState>(
                name,
                "After `ReconnectSession`, before anything else is posted.",
            )
            .or_nothing(),
            Self::ChasitorTyping => Post::of_nothing(name, "The visitor types."),
            Self::ChasitorNotTyping => Post::of_nothing(name, "The visitor types no longer."),
            Self::ChasitorSneakPeek => {
                Post::of::<SneakPeek>(name, "What the visitor is about to send.")
                    .example("half", json!({ "position": 4, "text": "Hell" }))
            }
            Self::ChasitorIdleTimeoutWarningEvent => Post::of::<IdleTimeoutWarning>(
                name,
                "The visitor was warned that they are idle, or is idle no longer.",
            ),
            Self::ChatEnd => Post::of::<ChatEnd>(
                name,
                "The visitor ends the chat. One more poll brings `ChatEnded`.",
            )
            .or_nothing(),
            Self::ChatMessage => Post::of::<ChatMessage>(name, "A message of the visitor.")
                .example("hello", json!({ "text": "Hello", "customId": "a1" })),
            Self::CustomEvent => {
                let event =
                    |kind: &str, data: Value| json!({ "type": kind, "data": data.to_string() });
                Post::of::<CustomEvent>(
                    name,
                    "An event with data. Which types mean something is in `PROTOCOL.md`, section 5.",
                )
                .example("rating", event("rating", json!({ "score": "good", "comment": "Thank you" })))
                .example("fields", event("session_fields", json!({ "session_fields": [{ "basket": "2 hats" }] })))
                .example("seen", event("events_marked_as_seen", json!({ "seen_up_to": "2026-01-01T12:00:00.000000Z" })))
                .example("form", event("filled_form", json!({
                    "type": "filled_form",
                    "form_id": "f",
                    "fields": [{ "type": "email", "id": "e", "label": "E-mail", "answer": "jon@example.com" }],
                })))
                .example("press", event("rich_message_postback", json!({
                    "thread_id": "T",
                    "event_id": "T_1",
                    "postback": { "id": "p", "toggled": true },
                })))
                .example("own", json!({ "type": "basket", "data": "2 hats" }))
            }
            Self::Breadcrumb => Post::of::<Breadcrumb>(name, "The visitor has opened a page.")
                .example("page", json!({ "location": "https://shop.example/hats" })),
        }
    }

    /// Whether it writes nothing.
    pub(super) fn is_volatile(self) -> bool {
        matches!(
            self,
            Self::ChasitorTyping | Self::ChasitorNotTyping | Self::ChasitorSneakPeek
        )
    }

    /// The noun of a `MultiNoun` element.
    pub(super) fn parse(prefix: &str, noun: &str) -> Option<Self> {
        match prefix {
            "Chasitor" => Self::CHASITOR.into_iter().find(|n| n.name() == noun),
            "Visitor" if noun == "Breadcrumb" => Some(Self::Breadcrumb),
            _ => None,
        }
    }

    /// Carries out the POST of a client with this address, if it is known. Returns the event that it wrote, if any.
    pub(super) async fn run(
        self,
        work: &mut UnitOfWork<'_>,
        session: &Session,
        body: &[u8],
        address: Option<IpAddr>,
    ) -> Result<Option<(ThreadId, i64)>> {
        self.count(work.app, session)?;
        match self {
            Self::ChasitorInit => {
                let request: ChasitorInit = read(body)?;
                work.app.limiter.waiting_chats.take()?;
                return init::init(work, session, request, address).await;
            }
            Self::ChasitorResyncState => {
                let _: ResyncState = read(or_empty(body))?;
                handover::resync(work, session).await?;
            }
            Self::ChasitorTyping => typing::visitor_typing(work, session, true).await?,
            Self::ChasitorNotTyping => typing::visitor_typing(work, session, false).await?,
            Self::ChasitorSneakPeek => {
                let peek: SneakPeek = read(body)?;
                typing::sneak_peek(work, session, peek).await?;
            }
            Self::ChasitorIdleTimeoutWarningEvent => {
                let warning: IdleTimeoutWarning = read(body)?;
                typing::idle_warning(work, session, warning).await?;
            }
            Self::ChatEnd => {
                let end: ChatEnd = read(or_empty(body))?;
                end::by_visitor(work, session, end_reason(&end)).await?;
            }
            Self::ChatMessage => {
                let mut message: ChatMessage = read(body)?;
                work.redactor(session).await?.redact_text(&mut message.text);
                return send_event::send_visitor_message(work, session, message)
                    .await
                    .map(Some);
            }
            Self::CustomEvent => {
                let mut event: CustomEvent = read(body)?;
                work.redactor(session)
                    .await?
                    .redact_custom_event(&mut event);
                return visitor_event::handle_custom_event(work, session, event).await;
            }
            Self::Breadcrumb => {
                let page: Breadcrumb = read(body)?;
                typing::visitor_page(work, session, page).await?;
            }
        }
        Ok(None)
    }

    /// Counts what goes to every console although no agent asked for it.
    fn count(self, app: &App, session: &Session) -> Result<()> {
        match self {
            Self::ChasitorTyping
            | Self::ChasitorNotTyping
            | Self::ChasitorSneakPeek
            | Self::ChasitorIdleTimeoutWarningEvent => {
                app.limiter.signals_per_session.take(&session.id)?;
            }
            Self::Breadcrumb => app.limiter.pages_per_session.take(&session.id)?,
            Self::ChasitorInit
            | Self::ChasitorResyncState
            | Self::ChatEnd
            | Self::ChatMessage
            | Self::CustomEvent => {}
        }
        Ok(())
    }
}

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    parlor_wire::decode(body).map_err(|error: DecodeError| Refusal::from_decode(&error))
}

/// A client ends a chat on behalf of the visitor, or because the visitor does not answer. It
/// cannot speak for the agent.
fn end_reason(end: &ChatEnd) -> EndReason {
    match end.reason.as_deref() {
        Some("clientTimeout" | "clientIdleTimeout") => EndReason::ClientTimeout,
        Some(_) | None => EndReason::Client,
    }
}

/// Some clients send an empty body where there are no fields.
fn or_empty(body: &[u8]) -> &[u8] {
    if body.iter().all(u8::is_ascii_whitespace) {
        b"{}"
    } else {
        body
    }
}

impl Refusal {
    fn from_decode(error: &DecodeError) -> Self {
        invalid(error.to_string())
    }
}
