//! Typing indicators, sneak peeks, idle warnings and page views. Most are not
//! written to the event log.

use std::sync::Arc;

use parlor_wire::{
    agent::{IncomingSneakPeek, IncomingTypingIndicator, PushBody, SneakPeek, TypingIndicator},
    limits::{MESSAGE_TEXT_MAX_BYTES, URL_MAX_BYTES},
    visitor::{IdleTimeoutWarning, Message, NewVisitorBreadcrumb, SneakPeek as VisitorSneakPeek},
};

use super::{Result, UnitOfWork, customer, init::PAGES_MAX, invalid, send_event::open_thread};
use crate::{
    app::App,
    presenter::{self, agent::Push, visitor::system},
    store::row::{Agent, Page, Session, Thread, Visibility},
};

/// Pushes to the sockets that are connected now. It is not stored, so that
/// nobody catches up on it.
fn push_volatile(app: &App, body: &PushBody) -> Result<()> {
    // An error means that no socket is connected.
    let _ = app.volatile.send(Arc::new(Push::new(body)?));
    Ok(())
}

/// The visitor types, or has stopped.
pub(crate) async fn visitor_typing(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    is_typing: bool,
) -> Result<()> {
    let thread = open_thread(work, session).await?;
    let author_id = customer::id_of(work, &thread).await?;
    push_volatile(
        work.app,
        &PushBody::IncomingTypingIndicator(IncomingTypingIndicator {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            typing_indicator: TypingIndicator {
                author_id,
                visibility: Some(parlor_wire::Visibility::All),
                timestamp: Some(work.now.as_millis() / 1000),
                is_typing,
            },
        }),
    )
}

/// Pushes what the visitor is typing, redacted, if the deployment shows it to
/// agents (Chat REST API, `ChasitorSneakPeek`).
pub(crate) async fn sneak_peek(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    mut peek: VisitorSneakPeek,
) -> Result<()> {
    let thread = open_thread(work, session).await?;
    if peek.text.len() > MESSAGE_TEXT_MAX_BYTES {
        return Err(invalid(format!(
            "text has more than {MESSAGE_TEXT_MAX_BYTES} bytes"
        )));
    }
    let settings = work.settings_of(&thread).await?;
    if !settings.sneak_peek_enabled {
        return Ok(());
    }
    work.redactor_for(&settings.sensitive_data_rules)?
        .redact_text(&mut peek.text);
    let author_id = customer::id_of(work, &thread).await?;
    push_volatile(
        work.app,
        &PushBody::IncomingSneakPeek(IncomingSneakPeek {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            sneak_peek: SneakPeek {
                author_id,
                text: peek.text,
                timestamp: Some(work.now.as_millis() / 1000),
            },
        }),
    )
}

/// The visitor's client reports that the visitor is idle, or active again (Chat
/// REST API, `ChasitorIdleTimeoutWarningEvent`).
pub(crate) async fn idle_warning(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    warning: IdleTimeoutWarning,
) -> Result<()> {
    let (kind, text) = match warning.idle_timeout_warning_event.as_str() {
        "triggered" => (system::IDLE, "The visitor has been idle"),
        "cleared" => (system::ACTIVE, "The visitor is active again"),
        _ => {
            return Err(invalid(
                "idleTimeoutWarningEvent: expected triggered or cleared",
            ));
        }
    };
    let mut thread = open_thread(work, session).await?;
    let name = customer::display_name(work, &thread).await?;
    let vars: Vec<_> = name
        .iter()
        .map(|name| ("customer", name.as_str()))
        .collect();
    let text = text.to_owned();
    work.append_system_message(&mut thread, kind, text, &vars, Visibility::Agents)
        .await?;
    Ok(())
}

/// Records the page that the visitor is on, and pushes the customer to agents
/// (Chat REST API, `Breadcrumb`).
pub(crate) async fn visitor_page(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    location: &str,
) -> Result<()> {
    if location.len() > URL_MAX_BYTES {
        return Err(invalid(format!(
            "location has more than {URL_MAX_BYTES} bytes"
        )));
    }
    let mut thread = open_thread(work, session).await?;
    let pages = &mut thread.details.0.pages;
    if pages.last().is_some_and(|page| page.url == location) {
        return Ok(());
    }
    pages.push(Page {
        url: location.to_owned(),
        opened_at: work.now.0,
    });
    if pages.len() > PAGES_MAX {
        pages.remove(0);
    }
    work.tx.put_thread(&thread).await?;
    let breadcrumb = Message::NewVisitorBreadcrumb(NewVisitorBreadcrumb {
        location: location.to_owned(),
    });
    work.send_to_visitor(&thread, &breadcrumb, &["NewVisitorBreadcrumb"])
        .await?;
    // Agents see the pages as part of the customer.
    let snapshot =
        super::chat_snapshot::ChatSnapshot::load(work.tx.as_mut(), work.app, &thread.chat_id)
            .await?;
    let customer = snapshot.customer_as_user(&thread);
    work.push(&PushBody::Unknown {
        action: "customer_page_updated".to_owned(),
        payload: serde_json::json!({
            "chat_id": thread.chat_id,
            "thread_id": thread.id,
            "customer": customer,
        }),
    })
    .await
}

/// An agent types, or has stopped; the visitor sees it too.
pub(crate) async fn agent_typing(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    thread: &Thread,
    is_typing: bool,
) -> Result<()> {
    let message = presenter::visitor::typing(agent, is_typing);
    let replaces = ["AgentTyping", "AgentNotTyping"];
    work.send_to_visitor(thread, &message, &replaces).await?;
    push_volatile(
        work.app,
        &PushBody::IncomingTypingIndicator(IncomingTypingIndicator {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            typing_indicator: TypingIndicator {
                author_id: agent.id.as_ref().into(),
                visibility: Some(parlor_wire::Visibility::All),
                timestamp: Some(work.now.as_millis() / 1000),
                is_typing,
            },
        }),
    )
}
