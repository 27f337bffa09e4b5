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

use crate::{
    app::App,
    conversation::{
        Refusal, Result, UnitOfWork, end, handover, init, invalid, send_event, typing,
        visitor_event,
    },
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
