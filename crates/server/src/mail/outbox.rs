//! Writes mails that are to be sent, as rows in the transaction of the event of
//! which they tell.
//!
//! What must stay true: nothing here refuses a request. A mail without an address
//! to which it can be sent, or beyond a limit, is left out: that is logged without
//! anything private, and counted.

use std::{collections::BTreeMap, time::Duration};

use parlor_wire::{
    Callback, UserId,
    event::{Event as WireEvent, EventBody},
};
use url::Url;

use super::{
    EmailAddress, Language, MailConfig,
    compose::{self, People, Words},
};
use crate::{
    conversation::{Refusal, Result, UnitOfWork},
    presenter::{self, Annotations},
    private::Private,
    store::{
        StoreError,
        row::{
            ALL_AGENTS, Customer, Deployment, Event, MailKind, OutgoingMail, Thread, ThreadStatus,
        },
    },
};

/// The most mails that wait: some 50 MB when the server is down for days. A site
/// that writes more has had its mail broken for long.
const WAITING_MAX: i64 = 10_000;

/// A visitor without an open poll who was not heard for so long is gone: clients poll
/// again at once, and after a failure within seconds. Who comes back later finds the
/// answer twice.
const SILENT_FOR: Duration = Duration::from_secs(10);

/// How many events before an answer are looked through for the visitor's question.
const QUESTION_WITHIN: i64 = 20;

/// The most events that one mail with answers tells of.
const ANSWERS_MAX: i64 = 50;

/// The most events that are looked through for a transcript.
const TRANSCRIPT_MAX: i64 = 2_000;

const HOUR: Duration = Duration::from_secs(3600);

/// How many mails of a kind one address is sent in a time.
fn limit(kind: MailKind) -> (i64, Duration) {
    match kind {
        // Each was written by an agent, and those within half a minute are one mail.
        MailKind::Answer => (30, HOUR),
        // Anybody can leave messages. Nobody reads more mails than one a minute, and
        // the console has them all.
        MailKind::Alert => (60, HOUR),
        // Anybody can name any address.
        MailKind::Transcript => (5, 24 * HOUR),
    }
}

/// An agent has written `event`, which visitors may see. It is mailed if the thread
/// is over, or was begun by an agent, and nobody polls for it.
///
/// # Errors
/// When the store fails, as any other part of the unit of work.
pub(crate) async fn answered(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    event: &Event,
) -> Result<()> {
    let done = write_answer(work, thread, event).await;
    leave_out_damaged(MailKind::Answer, done).map(drop)
}

/// A visitor has left a message, or asks for a callback.
///
/// # Errors
/// As [`answered`].
pub(crate) async fn message_left(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    customer: &Customer,
    event: &Event,
    callback: Option<&Callback>,
) -> Result<()> {
    let done = write_alerts(work, thread, customer, event, callback).await;
    leave_out_damaged(MailKind::Alert, done).map(drop)
}

/// A thread has ended of which the visitor wants a copy. Returns whether it is sent:
/// not if no agent has written in it, or beyond a limit.
///
/// # Errors
/// As [`answered`].
pub(crate) async fn transcript(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    recipient: EmailAddress,
) -> Result<bool> {
    let done = write_transcript(work, thread, recipient).await;
    Ok(leave_out_damaged(MailKind::Transcript, done)?.unwrap_or(false))
}

async fn write_transcript(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    recipient: EmailAddress,
) -> Result<bool> {
    let app = work.app;
    let Some(config) = &app.config.mail else {
        return Ok(false);
    };
    let Some(customer) = customer_of(work, thread).await? else {
        return Ok(false);
    };
    let after = (thread.last_event - TRANSCRIPT_MAX).max(0);
    let rows = work.tx.events(&thread.id, after, TRANSCRIPT_MAX).await?;
    let events = readable(rows)?;
    let site = Site::load(work, config, thread).await?;
    let people = people(work, &customer, &site, thread, &events).await?;
    let page = site.page.as_ref();
    let words = compose::transcript(site.language, &people, &events, page);
    let Some(words) = words else {
        left_out(MailKind::Transcript, "no agent has written");
        return Ok(false);
    };
    let mail = NewMail {
        kind: MailKind::Transcript,
        recipient,
        words,
        first_event: after + 1,
        delay: Duration::ZERO,
    };
    add(work, thread, mail).await
}

async fn write_answer(work: &mut UnitOfWork<'_>, thread: &Thread, event: &Event) -> Result<()> {
    let app = work.app;
    let Some(config) = &app.config.mail else {
        return Ok(());
    };
    if !is_for_mail(work, thread).await? {
        return Ok(());
    }
    // Its first attempt has not begun: this answer is sent with it.
    let waiting = work.tx.untried_answer(&thread.id).await?;
    let first_event = waiting.as_ref().map_or(event.number, |it| it.first_event);
    let Some(customer) = customer_of(work, thread).await? else {
        return Ok(());
    };
    let Some(recipient) = recipient(work, thread).await? else {
        return Ok(());
    };
    let after = (first_event - 1 - QUESTION_WITHIN).max(0);
    let limit = QUESTION_WITHIN + ANSWERS_MAX;
    let rows = work.tx.events(&thread.id, after, limit).await?;
    let site = Site::load(work, config, thread).await?;
    let events = readable(rows)?;
    let people = people(work, &customer, &site, thread, &events).await?;
    let page = site.page.as_ref();
    let words = compose::answer(site.language, &people, &events, first_event, page);
    let Some(words) = words else {
        return Ok(());
    };
    if let Some(mut row) = waiting {
        (row.subject, row.body) = (Private(words.subject), Private(words.body));
        work.tx.put_outgoing_mail(&row).await?;
        return Ok(());
    }
    let mail = NewMail {
        kind: MailKind::Answer,
        recipient,
        words,
        first_event,
        delay: config.answers_gathered,
    };
    add(work, thread, mail).await.map(drop)
}

/// Whether nobody will find an answer in an open window.
async fn is_for_mail(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<bool> {
    let app = work.app;
    let sessions = work.tx.sessions_of(&thread.id).await?;
    let heard_since = work.now.minus(SILENT_FOR);
    Ok(match thread.status {
        ThreadStatus::Queued => false,
        // Opened by an agent: as soon as the visitor comes, it has a session.
        ThreadStatus::Active => sessions.is_empty(),
        ThreadStatus::Ended => !sessions.iter().any(|session| {
            let heard_at = app.sessions.heard_at(&session.id);
            app.polls.is_open(&session.id)
                || heard_at.unwrap_or(session.last_heard_at) > heard_since
        }),
    })
}

async fn write_alerts(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    customer: &Customer,
    event: &Event,
    callback: Option<&Callback>,
) -> Result<()> {
    let app = work.app;
    let Some(config) = &app.config.mail else {
        return Ok(());
    };
    let recipients = config.alerts_of(thread.group_id);
    if recipients.is_empty() {
        return Ok(());
    }
    let EventBody::Message(message) = presenter::event(event, &Annotations::default())?.body else {
        return Ok(());
    };
    let site = Site::load(work, config, thread).await?;
    let group = match thread.group_id {
        ALL_AGENTS => None,
        id => work.tx.groups().await?.into_iter().find(|it| it.id == id),
    };
    let details = &thread.details.0;
    let known = customer.name.as_ref().map(|name| name.0.as_str());
    let console = app.config.public_url.as_ref();
    for recipient in recipients {
        let words = compose::alert(
            config.language,
            details.visitor_name.as_deref().or(known),
            site.deployment.as_ref().map_or("", |it| it.name.as_str()),
            group.as_ref().map(|group| group.name.as_str()),
            &message.text,
            callback,
            console.map(|url| format!("{url}/agent/")).as_deref(),
        );
        let mail = NewMail {
            kind: MailKind::Alert,
            recipient: recipient.clone(),
            words,
            first_event: event.number,
            delay: Duration::ZERO,
        };
        add(work, thread, mail).await?;
    }
    Ok(())
}

struct NewMail {
    kind: MailKind,
    recipient: EmailAddress,
    words: Words,
    first_event: i64,
    /// How long it waits for its first attempt.
    delay: Duration,
}

/// Returns whether it is written: not beyond a limit.
async fn add(work: &mut UnitOfWork<'_>, thread: &Thread, mail: NewMail) -> Result<bool> {
    let (kind, recipient_hash) = (mail.kind, mail.recipient.hash());
    if work.tx.count_waiting_mail().await? >= WAITING_MAX {
        left_out(kind, "too much waits");
        return Ok(false);
    }
    let (max, time) = limit(kind);
    let since = work.now.minus(time);
    let sent = work.tx.count_mail_to(&recipient_hash, kind, since).await?;
    if sent >= max {
        left_out(kind, "too much to one address");
        return Ok(false);
    }
    let row = OutgoingMail {
        id: work.app.entropy.mail_id(),
        kind,
        thread_id: thread.id.clone(),
        recipient_hash,
        recipient: Private(mail.recipient.as_str().to_owned()),
        subject: Private(mail.words.subject),
        body: Private(mail.words.body),
        first_event: mail.first_event,
        created_at: work.now,
        next_attempt_at: Some(work.now.plus(mail.delay)),
        attempts: 0,
        sent_at: None,
        given_up_at: None,
        last_problem: None,
    };
    work.tx.put_outgoing_mail(&row).await?;
    Ok(true)
}

fn left_out(kind: MailKind, reason: &'static str) {
    let kind = kind.as_str();
    metrics::counter!("parlor_mail_left_out_total", "kind" => kind, "reason" => reason)
        .increment(1);
    tracing::warn!(kind, reason, "a mail is left out");
}

/// A damaged row that only the mail needs keeps nobody from writing.
fn leave_out_damaged<T>(kind: MailKind, done: Result<T>) -> Result<Option<T>> {
    match done {
        Ok(value) => Ok(Some(value)),
        Err(Refusal::Store(error @ StoreError::Corrupt { .. })) => {
            tracing::error!(%error, "a damaged row is needed for a mail");
            left_out(kind, "a damaged row");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn customer_of(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<Option<Customer>> {
    Ok(match work.tx.chat(&thread.chat_id).await? {
        Some(chat) => work.tx.customer(&chat.customer_id).await?,
        None => None,
    })
}

/// The address that the visitor has given in this conversation, or else before:
/// others may write from the same device.
///
/// # Errors
/// When the store fails.
pub(crate) async fn address_of(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
) -> Result<Option<String>> {
    let first = match work.tx.event(&thread.id, 1).await? {
        Some(row) => Some(presenter::event(&row, &Annotations::default())?.body),
        None => None,
    };
    let in_form = match &first {
        Some(EventBody::FilledForm(form)) => compose::address_in(form),
        _ => None,
    };
    if let Some(address) = in_form {
        return Ok(Some(address.to_owned()));
    }
    let customer = customer_of(work, thread).await?;
    Ok(customer
        .and_then(|customer| customer.email)
        .map(|email| email.0))
}

/// Where an answer is sent.
async fn recipient(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<Option<EmailAddress>> {
    let Some(text) = address_of(work, thread).await? else {
        return Ok(None);
    };
    match EmailAddress::parse(&text) {
        Ok(address) => Ok(Some(address)),
        Err(problem) => {
            left_out(MailKind::Answer, problem.as_str());
            Ok(None)
        }
    }
}

/// What mails to a visitor say of the site.
struct Site {
    deployment: Option<Deployment>,
    language: Language,
    page: Option<Url>,
}

impl Site {
    async fn load(work: &mut UnitOfWork<'_>, config: &MailConfig, thread: &Thread) -> Result<Self> {
        let deployment = match &thread.deployment_id {
            Some(id) => work.tx.deployment(id).await?,
            None => None,
        };
        let details = &thread.details.0;
        let of_browser = details.language.as_deref().and_then(Language::of_browser);
        let public_url = work.app.config.public_url.as_deref();
        let page = match &config.page {
            Some(page) => Url::parse(page).ok(),
            None => details.pages.last().and_then(|page| {
                compose::page_of_site(&page.url, deployment.as_ref()?, public_url)
            }),
        };
        Ok(Self {
            deployment,
            language: of_browser.unwrap_or(config.language),
            page,
        })
    }
}

fn readable(rows: Vec<Event>) -> Result<Vec<(Event, WireEvent)>> {
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(event) = presenter::readable_event(&row, &Annotations::default())? {
            events.push((row, event));
        }
    }
    Ok(events)
}

async fn people<'a>(
    work: &mut UnitOfWork<'_>,
    customer: &'a Customer,
    site: &'a Site,
    thread: &'a Thread,
    events: &[(Event, WireEvent)],
) -> Result<People<'a>> {
    let customer_id = UserId::from(customer.id.as_ref());
    let mut agents: BTreeMap<UserId, String> = BTreeMap::new();
    for (row, _) in events {
        let Some(author) = &row.author_id else {
            continue;
        };
        if *author == customer_id || agents.contains_key(author) {
            continue;
        }
        if let Some(agent) = work.tx.agent(&author.as_ref().into()).await? {
            agents.insert(author.clone(), agent.name);
        }
    }
    let known = customer.name.as_ref().map(|name| name.0.as_str());
    let deployment = site.deployment.as_ref();
    Ok(People {
        customer: customer_id,
        customer_name: thread.details.0.visitor_name.as_deref().or(known),
        agents,
        team: deployment.map_or("", |it| it.settings.team_name.as_str()),
    })
}
