//! Typing indicators, sneak peeks, idle warnings and page views. Most are not
//! written to the event log.

use parlor_wire::{
    UserId, Visibility as WireVisibility,
    agent::{IncomingSneakPeek, IncomingTypingIndicator, PushBody, SneakPeek, TypingIndicator},
    limits::{LABEL_MAX_BYTES, MESSAGE_TEXT_MAX_BYTES, URL_MAX_BYTES},
    visitor::{
        Breadcrumb, IdleTimeoutWarning, Message, NewVisitorBreadcrumb,
        SneakPeek as VisitorSneakPeek,
    },
};

use super::{
    Result, UnitOfWork, conversion,
    customer::{self, push_customer},
    init::PAGES_MAX,
    invalid,
    send_event::open_thread,
};
use crate::{
    app::App,
    presenter::{self, visitor::system},
    store::row::{Agent, Page, Session, Thread, ThreadStatus, Visibility},
};

/// The visitor types, or has stopped.
pub(crate) async fn visitor_typing(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    is_typing: bool,
) -> Result<()> {
    let thread = open_thread(work, session).await?;
    let author_id = customer::id_of(work, &thread).await?;
    push_typing(work, &thread, author_id, WireVisibility::All, is_typing)
}

/// Pushes to agents that somebody types, or has stopped.
fn push_typing(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    author_id: UserId,
    visibility: WireVisibility,
    is_typing: bool,
) -> Result<()> {
    let timestamp = Some(work.now.as_millis() / 1000);
    work.push_volatile(
        thread.audience(),
        &PushBody::IncomingTypingIndicator(IncomingTypingIndicator {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            typing_indicator: TypingIndicator {
                author_id,
                visibility: Some(visibility),
                timestamp,
                is_typing,
            },
        }),
    )
}

/// Pushes what the visitor is typing, redacted, if the deployment shows it to
/// agents (Chat REST API, `ChasitorSneakPeek`). One that was overtaken by a later one, which
/// `position` tells, changes nothing.
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
    let sessions = &work.app.sessions;
    if !sessions.is_newest_peek(&session.id, peek.position, work.now) {
        return Ok(());
    }
    let settings = work.settings_of(&thread).await?;
    if !settings.sneak_peek_enabled {
        return Ok(());
    }
    work.redactor_for(&settings.sensitive_data_rules)?
        .redact_text(&mut peek.text);
    let author_id = customer::id_of(work, &thread).await?;
    let timestamp = Some(work.now.as_millis() / 1000);
    work.push_volatile(
        thread.audience(),
        &PushBody::IncomingSneakPeek(IncomingSneakPeek {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            sneak_peek: SneakPeek {
                author_id,
                text: peek.text,
                timestamp,
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
    // The visitor is still there, and has not answered yet.
    if kind == system::ACTIVE && thread.unanswered_since.is_some() {
        thread.unanswered_since = Some(work.now);
    }
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
    page: Breadcrumb,
) -> Result<()> {
    check_page(&page)?;
    let thread = open_thread(work, session).await?;
    add_page(work, thread, page).await
}

/// The same for a visitor who is known by their id (`VisitorId`) and has no session in this
/// document. Without an open conversation it is stored only that a goal was reached.
pub(crate) async fn page_of_visitor(app: &App, visitor_hash: &str, page: Breadcrumb) -> Result<()> {
    check_page(&page)?;
    let mut tx = app.store.read().await?;
    let Some(customer) = tx.customer_by_visitor(visitor_hash).await? else {
        return Ok(());
    };
    let chat = tx.chat_of_customer(&customer.id).await?;
    drop(tx);
    let Some(chat) = chat.filter(|chat| chat.active) else {
        return conversion::page_opened(app, &customer, &page.location).await;
    };
    let mut work = UnitOfWork::begin(app).await?;
    if let Some(thread) = work.tx.open_thread_of(&chat.id).await? {
        add_page(&mut work, thread, page).await?;
        work.commit().await?;
    }
    Ok(())
}

fn check_page(page: &Breadcrumb) -> Result<()> {
    let title = page.title.as_deref().unwrap_or_default();
    for (field, text, max) in [
        ("location", page.location.as_str(), URL_MAX_BYTES),
        ("title", title, LABEL_MAX_BYTES),
    ] {
        if text.len() > max {
            return Err(invalid(format!("{field} has more than {max} bytes")));
        }
    }
    Ok(())
}

pub(super) async fn add_page(
    work: &mut UnitOfWork<'_>,
    mut thread: Thread,
    page: Breadcrumb,
) -> Result<()> {
    let Breadcrumb { location, title } = page;
    let pages = &mut thread.details.0.pages;
    let title = title.filter(|title| !title.is_empty());
    match pages.last_mut() {
        // The title may be known later than the address.
        Some(page) if page.url == location => {
            if title.is_none() || page.title == title {
                return Ok(());
            }
            page.title = title;
        }
        _ => pages.push(Page {
            url: location.clone(),
            title,
            opened_at: work.now.0,
        }),
    }
    if pages.len() > PAGES_MAX {
        pages.remove(0);
    }
    work.put_thread(&thread).await?;
    conversion::page_opened_in(work, &thread, &location).await?;
    let breadcrumb = Message::NewVisitorBreadcrumb(NewVisitorBreadcrumb { location });
    work.send_volatile_to_visitor(&thread, &breadcrumb, &["NewVisitorBreadcrumb"])
        .await?;
    // Agents see the pages as part of the customer.
    push_customer(work, &thread, "customer_page_updated").await
}

/// An agent types, or has stopped. The visitor sees it too, unless only agents
/// are to see it, or the visitor still waits: then no agent is known to them.
pub(crate) async fn agent_typing(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    thread: &Thread,
    visibility: WireVisibility,
    is_typing: bool,
) -> Result<()> {
    let author_id = agent.id.as_ref().into();
    if visibility == WireVisibility::Agents || thread.status == ThreadStatus::Queued {
        return push_typing(work, thread, author_id, WireVisibility::Agents, is_typing);
    }
    let message = presenter::visitor::typing(agent, is_typing);
    let replaces = ["AgentTyping", "AgentNotTyping"];
    work.send_volatile_to_visitor(thread, &message, &replaces)
        .await?;
    push_typing(work, thread, author_id, WireVisibility::All, is_typing)
}
