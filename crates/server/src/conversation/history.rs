//! A visitor's earlier conversations: only events that visitors may see, and
//! only threads that are not older than the deployment's `history_days`.

use parlor_wire::{
    CustomerId, DeploymentId, ThreadId, UserId,
    chat::Thread as WireThread,
    event::Event as WireEvent,
    user::User,
    visitor::{History, ThreadOfHistory},
};

use super::{
    Credentials, Refusal, Result, UnitOfWork, annotations, event_number, identify, invalid,
    recent_events::{self, is_visible, newest},
    seen, session,
};
use crate::{
    answer_size::{Room, excess},
    app::App,
    clock::Timestamp,
    presenter::{self, AnnotatedEvents},
    store::{
        Tx,
        row::{Agent, Chat, Customer, Event, Thread, ThreadStatus},
    },
};

/// The most threads that are listed. Nobody scrolls further back in a chat
/// window.
const THREADS_MAX: usize = 200;

const DAY_S: i64 = 24 * 3600;

/// How a visitor identifies themself. The session counts if it has a
/// conversation, otherwise the token, otherwise the device.
pub(crate) struct Visitor {
    pub(crate) session: Option<Credentials>,
    /// Hash of the visitor id, which only the visitor's own device knows.
    pub(crate) device: Option<String>,
    /// The token of the site, and the deployment under whose secret it is signed.
    /// Whoever was vouched for once needs it for their earlier threads.
    pub(crate) identity_token: Option<(DeploymentId, String)>,
}

/// The data that belongs to a visitor.
struct Owned {
    customer: Customer,
    /// None before the first conversation.
    chat: Option<Chat>,
    /// Those that they may read, oldest first.
    threads: Vec<Thread>,
}

/// Which version of their threads the visitor would be shown, and who they are; `None` for
/// somebody for whom the site vouches, and who was never here. A request that waits for
/// something new compares it.
///
/// # Errors
/// As [`list`].
pub(crate) async fn version(app: &App, visitor: &Visitor) -> Result<(String, Option<CustomerId>)> {
    let mut work = UnitOfWork::begin_read(app).await?;
    let (owned, _) = owned(&mut work, visitor).await?;
    let threads = owned.as_ref().map_or(&[][..], |owned| &owned.threads);
    Ok((version_of(threads), owned.map(|owned| owned.customer.id)))
}

/// Another one with each thread, and with each event that the visitor may see.
fn version_of(threads: &[Thread]) -> String {
    let visible = threads.iter().map(|it| it.last_event - it.private_events);
    format!("{}-{}", threads.len(), visible.sum::<i64>())
}

/// All threads, newest first, and the newest position of the session's queue. The last
/// events of the threads are left out from the first on that does not fit into the
/// answer.
///
/// # Errors
/// [`Refusal::Forbidden`] for an unknown visitor, [`Refusal::Invalid`] for an identity
/// token that is not good.
pub(crate) async fn list(app: &App, visitor: &Visitor) -> Result<(History, Option<i64>)> {
    let mut work = UnitOfWork::begin_read(app).await?;
    let (owned, position) = owned(&mut work, visitor).await?;
    let Some(owned) = owned else {
        let version = version_of(&[]);
        let nothing = History {
            version,
            ..History::default()
        };
        return Ok((nothing, position));
    };
    let mut threads = Vec::new();
    for (at, thread) in owned.threads.iter().enumerate().rev().take(THREADS_MAX) {
        let (previous_thread_id, next_thread_id) = neighbours(&owned.threads, at);
        threads.push(ThreadOfHistory {
            id: thread.id.clone(),
            created_at: thread.created_at.to_rfc3339(),
            active: thread.status != ThreadStatus::Ended,
            previous_thread_id,
            next_thread_id,
            restricted_access: restriction(&mut work, thread).await?,
            last_event: None,
            unread: unread(&mut work, &owned.customer, thread).await?,
        });
    }
    let mut room = Room::in_answer();
    room.take(&threads);
    for (shown, thread) in threads.iter_mut().zip(owned.threads.iter().rev()) {
        if shown.restricted_access.is_none() {
            let last_event = last_event(work.tx.as_mut(), thread).await?;
            if !room.take(&last_event) {
                break;
            }
            shown.last_event = last_event;
        }
    }
    let history = History {
        version: version_of(&owned.threads),
        chat_id: owned.chat.map(|chat| chat.id),
        threads,
    };
    Ok((history, position))
}

/// Selects events of a thread: the newest `limit` of those that visitors know by
/// a number below `before`.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) before: i64,
    pub(crate) limit: usize,
}

/// One thread with its events, and the newest position of the session's queue.
///
/// # Errors
/// [`Refusal::NotFound`] for a thread of another visitor too.
pub(crate) async fn thread(
    app: &App,
    visitor: &Visitor,
    id: &ThreadId,
    page: &Page,
) -> Result<(WireThread, Option<i64>)> {
    let mut work = UnitOfWork::begin_read(app).await?;
    let (owned, position) = owned(&mut work, visitor).await?;
    let owned = owned.ok_or(Refusal::NotFound("thread"))?;
    let at = owned.threads.iter().position(|thread| thread.id == *id);
    let found = at.and_then(|at| Some((at, owned.threads.get(at)?)));
    let (at, thread) = found.ok_or(Refusal::NotFound("thread"))?;
    let restricted_access = restriction(&mut work, thread).await?;
    let events = match restricted_access {
        Some(_) => AnnotatedEvents::default(),
        None => {
            let tx = work.tx.as_mut();
            let before = event_number::visible(tx, thread, page.before).await?;
            annotations::visible_events(tx, thread, before, page.limit).await?
        }
    };
    let agents = work.tx.agents().await?;
    let users = users(&owned.customer, thread, &agents, &events);
    let mut has_earlier_events = events.has_earlier;
    let events = match restricted_access {
        Some(_) => None,
        None => {
            let mut shown = events
                .rows
                .iter()
                .filter_map(|row| presenter::readable_event(row, &events.annotations).transpose())
                .collect::<std::result::Result<Vec<_>, _>>()?;
            let excess = excess(&shown, Room::in_answer().left());
            shown.drain(..excess);
            has_earlier_events |= excess > 0;
            Some(shown)
        }
    };
    let (previous_thread_id, next_thread_id) = neighbours(&owned.threads, at);
    let shown = WireThread {
        id: thread.id.clone(),
        created_at: thread.created_at.to_rfc3339(),
        active: thread.status != ThreadStatus::Ended,
        user_ids: users.iter().filter_map(User::id).collect(),
        restricted_access,
        events,
        // Properties and tags are for programs and agents only.
        properties: None,
        access: None,
        tags: None,
        queue: None,
        queues_duration: None,
        previous_thread_id,
        next_thread_id,
        previous_accessible_thread_id: None,
        next_accessible_thread_id: None,
        // Records are the site's, whatever the visitor claims to be.
        transcript_fields: None,
        records: None,
        users: Some(users),
        has_earlier_events,
    };
    Ok((shown, position))
}

/// Who the visitor is; `None` for somebody for whom the site vouches, and who was never here.
///
/// # Errors
/// As [`list`].
pub(super) async fn customer(
    work: &mut UnitOfWork<'_>,
    visitor: &Visitor,
) -> Result<Option<Customer>> {
    let (owned, _) = owned(work, visitor).await?;
    Ok(owned.map(|owned| owned.customer))
}

/// What belongs to a visitor, and the newest position of the session's queue. Nothing
/// belongs to somebody for whom the site vouches, and who was never here.
async fn owned(
    work: &mut UnitOfWork<'_>,
    visitor: &Visitor,
) -> Result<(Option<Owned>, Option<i64>)> {
    let session = match &visitor.session {
        Some(credentials) => Some(session::authenticate(work, credentials).await?),
        None => None,
    };
    let position = session.as_ref().map(|session| session.position);
    let thread = match session.and_then(|session| session.thread_id) {
        Some(id) => work.tx.thread(&id).await?,
        None => None,
    };
    let vouched = match &visitor.identity_token {
        Some((deployment, token)) => identify::vouched(work, deployment, Some(token))?,
        None => None,
    };
    let customer = match (&thread, &vouched, &visitor.device) {
        (Some(thread), _, _) => {
            let chat = work.tx.chat(&thread.chat_id).await?;
            let chat = chat.ok_or(Refusal::SessionGone)?;
            work.tx.customer(&chat.customer_id).await?
        }
        (None, Some(vouched), _) => identify::customer_of(work, vouched).await?,
        (None, None, Some(hash)) => work.tx.customer_by_visitor(hash).await?,
        (None, None, None) => None,
    };
    let customer = match customer {
        Some(customer) => customer,
        None if vouched.is_some() => return Ok((None, position)),
        None => return Err(Refusal::Forbidden("the visitor is not known")),
    };
    let is_vouched_for =
        customer.identity_hash.is_none() || vouched.is_some_and(|vouched| vouched.is(&customer));
    let chat = work.tx.chat_of_customer(&customer.id).await?;
    let threads = match (&chat, thread) {
        (Some(chat), _) if is_vouched_for => work.tx.threads_of(&chat.id).await?,
        // What is said in the session is known there.
        (_, Some(thread)) => vec![thread],
        (None, None) if is_vouched_for => Vec::new(),
        _ => return Err(Refusal::Forbidden("the site has to vouch for the visitor")),
    };
    let owned = Owned {
        customer,
        chat,
        threads,
    };
    Ok((Some(owned), position))
}

fn neighbours(threads: &[Thread], at: usize) -> (Option<ThreadId>, Option<ThreadId>) {
    let id = |at: Option<usize>| threads.get(at?).map(|thread| thread.id.clone());
    (id(at.checked_sub(1)), id(at.checked_add(1)))
}

/// The sentence that says why a thread's events are not shown; `None` if they
/// are.
async fn restriction(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<Option<String>> {
    let deployment = match &thread.deployment_id {
        Some(id) => work.tx.deployment(id).await?,
        None => None,
    };
    let days = deployment.and_then(|deployment| deployment.settings.history_days);
    let Some(days) = days else { return Ok(None) };
    let over = thread.status == ThreadStatus::Ended;
    let old = work.now.seconds_since(thread.created_at) > i64::from(days) * DAY_S;
    Ok((over && old).then(|| format!("You can't access threads older than {days} days")))
}

/// The newest visible event that is no system message, unless it cannot be read.
async fn last_event(tx: &mut dyn Tx, thread: &Thread) -> Result<Option<WireEvent>> {
    let said = |row: &Event| is_visible(row) && row.kind != "system_message";
    let Some(row) = newest(tx, thread, said).await? else {
        return Ok(None);
    };
    let annotations = annotations::of_thread(tx, &thread.id).await?;
    Ok(presenter::readable_event(&row, &annotations)?)
}

/// How many answers were written after the thread had ended, and not seen.
async fn unread(work: &mut UnitOfWork<'_>, customer: &Customer, thread: &Thread) -> Result<u64> {
    let Some(ended_at) = thread.ended_at else {
        return Ok(0);
    };
    let user = UserId::from(customer.id.as_ref());
    let seen = thread.seen_up_to.get(&user).copied();
    let since = seen.map_or(ended_at, |seen| seen.max(ended_at));
    let is_answer = |row: &Event| {
        is_visible(row) && row.kind != "system_message" && row.author_id.as_ref() != Some(&user)
    };
    let count = recent_events::count_since(work.tx.as_mut(), thread, since, is_answer).await?;
    Ok(count)
}

/// The visitor has seen a thread that is over, up to a time.
///
/// # Errors
/// As [`thread`]; [`Refusal::Invalid`] for what is no time.
pub(crate) async fn mark_seen(
    app: &App,
    visitor: &Visitor,
    id: &ThreadId,
    seen_up_to: &str,
) -> Result<()> {
    let up_to = Timestamp::parse(seen_up_to);
    let up_to = up_to.ok_or_else(|| invalid("seenUpTo: expected a time as in RFC 3339"))?;
    let mut work = UnitOfWork::begin(app).await?;
    let (owned, _) = owned(&mut work, visitor).await?;
    let owned = owned.ok_or(Refusal::NotFound("thread"))?;
    let thread = owned.threads.into_iter().find(|thread| thread.id == *id);
    let mut thread = thread.ok_or(Refusal::NotFound("thread"))?;
    let user = UserId::from(owned.customer.id.as_ref());
    seen::by_visitor(&mut work, &mut thread, &user, up_to).await?;
    work.commit().await
}

/// The visitor, and the agents they have met: the one who answers now, and
/// those who wrote something that the visitor can see. Agents are shown by name
/// and avatar only.
fn users(
    customer: &Customer,
    thread: &Thread,
    agents: &[Agent],
    events: &AnnotatedEvents,
) -> Vec<User> {
    let wrote = |id: &UserId| {
        let by = |row: &Event| row.author_id.as_ref() == Some(id) && row.kind != "system_message";
        events.rows.iter().any(by)
    };
    let met = agents.iter().filter(|agent| {
        let id = UserId::from(agent.id.clone());
        thread.agent_id.as_ref() == Some(&agent.id) || wrote(&id)
    });
    let mut users = vec![User::Customer(Box::new(presenter::visitor::oneself(
        customer, thread,
    )))];
    users.extend(met.map(|agent| User::Agent(presenter::visitor::met(agent))));
    users
}
