//! Puts conversations that are over into the archive: what they are found by, and what
//! is counted of them. It is called before the commit of each unit of work that has
//! changed something about one, so that the archive says what the log says.
//!
//! What must stay true: everything here follows from the log, and can be made again.

mod backfill;
mod measure;

use std::collections::BTreeMap;

use parlor_wire::{
    event::{Event as WireEvent, EventBody, FieldKind, FilledForm},
    id::{AgentId, ThreadId},
};

pub(crate) use measure::measure;

use super::{
    Refusal, Result,
    rate::{comment_of, rating_of},
};
use crate::{
    clock::Timestamp,
    mail::address_in_form,
    presenter::{self, Annotations},
    search::fold,
    store::{
        StoreError, Tx,
        archive::{ArchiveKind, ArchiveText, ArchivedThread},
        row::{
            Agent, Conversion, Customer, Event, EventRange, OfflineMessage, Thread, ThreadStatus,
            Visibility,
        },
    },
};

/// The most bytes of words by which one conversation is found: of longer ones the
/// newest are left out. It is written while nothing else is, at some 10 ms for each
/// 16 KiB.
const WORDS_MAX_BYTES: usize = 128 * 1024;

/// How many events are read at a time.
const EVENTS_AT_ONCE: i64 = 500;

/// The most events of a conversation that the archive shows: its newest. Their records
/// have some megabytes.
const EVENTS_MAX: i64 = 10_000;

/// How many bytes of events are read of many conversations at a time.
const EVENT_BYTES_AT_ONCE: i64 = 4 * 1024 * 1024;

/// A conversation that is over, with all that the archive says of it.
#[derive(Debug)]
pub(crate) struct ArchivedConversation {
    pub(crate) thread: Thread,
    pub(crate) customer: Customer,
    pub(crate) offline: Option<OfflineMessage>,
    /// Goals that the visitor has reached, the first first.
    pub(crate) conversions: Vec<Conversion>,
    /// Those that can be read, in order.
    pub(crate) events: Vec<(Event, WireEvent)>,
}

/// Conversations that were read together.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) conversations: Vec<ArchivedConversation>,
    /// How many of the ids were looked at; the others are left for the next time.
    pub(crate) looked_at: usize,
}

impl ArchivedConversation {
    /// `None` when there is no such thread, or it is not over.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn load(tx: &mut dyn Tx, id: &ThreadId) -> Result<Option<Self>> {
        let Some(thread) = tx.thread(id).await? else {
            return Ok(None);
        };
        let Some(chat) = tx.chat(&thread.chat_id).await? else {
            return Ok(None);
        };
        let Some(customer) = tx.customer(&chat.customer_id).await? else {
            return Ok(None);
        };
        if thread.status != ThreadStatus::Ended {
            return Ok(None);
        }
        let mut events = Vec::new();
        let mut after = (thread.last_event - EVENTS_MAX).max(0);
        loop {
            let rows = tx.events(id, after, EVENTS_AT_ONCE).await?;
            let Some(last) = rows.last() else {
                break;
            };
            after = last.number;
            for row in rows {
                let event = presenter::readable_event(&row, &Annotations::default())?;
                events.extend(event.map(|event| (row, event)));
            }
        }
        let offline = tx.offline_message(id).await?;
        let conversions = tx.conversions_of(std::slice::from_ref(id)).await?;
        Ok(Some(Self {
            thread,
            customer,
            offline,
            conversions,
            events,
        }))
    }

    /// Those of these threads that are over, in this order, with as many queries as one
    /// takes: as many as have some megabytes of events together, and at least one.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn load_all(tx: &mut dyn Tx, ids: &[ThreadId]) -> Result<Loaded> {
        let threads = tx.threads_by_id(ids).await?;
        let by_id = |thread: Thread| (thread.id.clone(), thread);
        let mut threads: BTreeMap<ThreadId, Thread> = threads.into_iter().map(by_id).collect();
        threads.retain(|_, thread| thread.status == ThreadStatus::Ended);
        let chats: Vec<_> = threads.values().map(|it| it.chat_id.clone()).collect();
        let chats = tx.chats_by_id(&chats).await?;
        let customers: Vec<_> = chats.iter().map(|it| it.customer_id.clone()).collect();
        let customers = tx.customers(&customers).await?;
        let customer_of = |thread: &Thread| {
            let chat = chats.iter().find(|it| it.id == thread.chat_id)?;
            customers.iter().find(|it| it.id == chat.customer_id)
        };
        let mut offline: BTreeMap<ThreadId, OfflineMessage> = tx
            .offline_messages_of(ids)
            .await?
            .into_iter()
            .map(|row| (row.thread_id.clone(), row))
            .collect();
        let mut conversions: BTreeMap<ThreadId, Vec<Conversion>> = BTreeMap::new();
        for row in tx.conversions_of(ids).await? {
            let of_thread = conversions.entry(row.what.thread_id.clone());
            of_thread.or_default().push(row);
        }
        let ranges: Vec<EventRange> = ids
            .iter()
            .filter_map(|id| threads.get(id))
            .map(|thread| EventRange {
                thread_id: thread.id.clone(),
                after: (thread.last_event - EVENTS_MAX).max(0),
                through: thread.last_event,
            })
            .collect();
        let mut rows: BTreeMap<ThreadId, Vec<Event>> = BTreeMap::new();
        for row in tx.events_of_threads(&ranges, EVENT_BYTES_AT_ONCE).await? {
            rows.entry(row.thread_id.clone()).or_default().push(row);
        }
        let mut loaded = Loaded::default();
        for id in ids {
            let Some(thread) = threads.remove(id) else {
                loaded.looked_at += 1;
                continue;
            };
            let Some(customer) = customer_of(&thread).cloned() else {
                loaded.looked_at += 1;
                continue;
            };
            let rows = rows.remove(id).unwrap_or_default();
            let wanted = thread.last_event.min(EVENTS_MAX);
            let is_whole = i64::try_from(rows.len()).unwrap_or(0) >= wanted;
            if !is_whole && !loaded.conversations.is_empty() {
                // It is the first of the next ones.
                return Ok(loaded);
            }
            if !is_whole {
                loaded.conversations.extend(Self::load(tx, id).await?);
                loaded.looked_at += 1;
                return Ok(loaded);
            }
            let mut events = Vec::with_capacity(rows.len());
            for row in rows {
                let event = presenter::readable_event(&row, &Annotations::default())?;
                events.extend(event.map(|event| (row, event)));
            }
            let offline = offline.remove(id);
            loaded.conversations.push(Self {
                thread,
                customer,
                offline,
                conversions: conversions.remove(id).unwrap_or_default(),
                events,
            });
            loaded.looked_at += 1;
        }
        Ok(loaded)
    }

    /// A message that was left, or a chat.
    pub(crate) fn kind(&self) -> ArchiveKind {
        let was_chat = self.thread.queued_at.is_some() || self.thread.accepted_at.is_some();
        match self.offline.is_some() && !was_chat {
            true => ArchiveKind::OfflineMessage,
            false => ArchiveKind::Chat,
        }
    }

    /// Whether the visitor wanted a chat and no agent came.
    pub(crate) fn is_missed(&self) -> bool {
        self.kind() == ArchiveKind::Chat && self.thread.accepted_at.is_none()
    }

    /// Whether it is to be dealt with: it waits for an answer, or was missed, and
    /// nobody has said otherwise.
    pub(crate) fn is_unread(&self) -> bool {
        let said = self.thread.details.0.is_unread;
        said.unwrap_or_else(|| match &self.offline {
            Some(offline) => offline.is_open,
            None => self.is_missed() && self.agents_wrote() == 0,
        })
    }

    fn agents_wrote(&self) -> i64 {
        measure(&self.thread, &self.events).agent_messages
    }

    /// The agents who took part, in order of appearance.
    pub(crate) fn agent_ids(&self) -> Vec<AgentId> {
        // The first of a thread is the customer.
        let users = self.thread.user_ids.iter();
        let others = users.filter(|id| id.as_str() != self.customer.id.as_str());
        others.map(|id| AgentId::from(id.as_str())).collect()
    }

    /// The name under which the visitor has written.
    pub(crate) fn visitor_name(&self) -> Option<&str> {
        let given = self.thread.details.0.visitor_name.as_deref();
        given.or_else(|| self.customer.name.as_ref().map(|name| name.0.as_str()))
    }

    /// The address that they have given in this conversation, or else before.
    pub(crate) fn visitor_email(&self) -> Option<&str> {
        let forms = self
            .events
            .iter()
            .filter_map(|(_, event)| match &event.body {
                EventBody::FilledForm(form) => address_in_form(form),
                _ => None,
            });
        let known = self.customer.email.as_ref().map(|email| email.0.as_str());
        forms.take(1).last().or(known)
    }

    /// The number at which they want to be called, or that is known of them.
    pub(crate) fn visitor_phone(&self) -> Option<&str> {
        let offline = self.offline.as_ref();
        let callback = offline.and_then(|it| it.callback.as_ref()?.0.phone.as_deref());
        let mut forms = self
            .events
            .iter()
            .filter_map(|(_, event)| match &event.body {
                EventBody::FilledForm(form) => phone_in_form(form),
                _ => None,
            });
        let known = self.customer.phone.as_ref().map(|phone| phone.0.as_str());
        callback.or_else(|| forms.next()).or(known)
    }

    fn row(&self) -> ArchivedThread {
        let thread = &self.thread;
        ArchivedThread {
            thread_id: thread.id.clone(),
            kind: self.kind(),
            group_id: thread.group_id,
            deployment_id: thread.deployment_id.clone(),
            created_at: thread.created_at,
            ended_at: thread.ended_at.unwrap_or(thread.created_at),
            rating: rating_of(thread),
            is_missed: self.is_missed(),
            is_unread: self.is_unread(),
            agent_ids: self.agent_ids(),
            counts: measure(thread, &self.events),
        }
    }

    fn text(&self, agents: &BTreeMap<AgentId, String>, department: Option<&str>) -> ArchiveText {
        let thread = &self.thread;
        let names: Vec<&str> = self
            .agent_ids()
            .iter()
            .filter_map(|id| agents.get(id).map(String::as_str))
            .collect();
        let mut words = Words::default();
        words.add(thread.id.as_str());
        words.add(thread.chat_id.as_str());
        let comment = comment_of(thread);
        words.add(comment.as_deref().unwrap_or_default());
        let mut private_words = Words::default();
        for (row, event) in &self.events {
            if matches!(event.body, EventBody::SystemMessage(_)) {
                continue;
            }
            let words = match row.visibility {
                Visibility::All => &mut words,
                Visibility::Agents => &mut private_words,
            };
            words.add(&event.body.text_form());
        }
        if let Some(notes) = &self.customer.notes {
            private_words.add(&notes.0);
        }
        let folded = |text: Option<&str>| text.map(fold).unwrap_or_default();
        ArchiveText {
            agent_names: fold(&names.join("\n")).into(),
            visitor_name: folded(self.visitor_name()).into(),
            visitor_email: folded(self.visitor_email()).into(),
            department_name: folded(department),
            tags: fold(&thread.tags.join("\n")).into(),
            words: words.0.into(),
            private_words: private_words.0.into(),
        }
    }
}

/// The phone number that the visitor has given in a form.
fn phone_in_form(form: &FilledForm) -> Option<&str> {
    let mut fields = form.fields.iter();
    let field = fields.find(|field| field.kind == FieldKind::Phone)?;
    field
        .answer
        .as_ref()?
        .text()
        .filter(|text| !text.is_empty())
}

/// Texts one after the other, folded. No phrase reaches from one into the next.
#[derive(Default)]
struct Words(String);

impl Words {
    fn add(&mut self, text: &str) {
        let room = WORDS_MAX_BYTES.saturating_sub(self.0.len());
        let folded = fold(
            text.get(..text.floor_char_boundary(room))
                .unwrap_or_default(),
        );
        if folded.is_empty() {
            return;
        }
        if !self.0.is_empty() {
            self.0.push_str(" \u{1f} ");
        }
        self.0.push_str(&folded);
    }
}

/// Writes what the archive has of a thread. One that is not over is left out, and so is
/// one of which a row is damaged: that keeps nobody from writing.
///
/// # Errors
/// When the store fails.
pub(crate) async fn put(tx: &mut dyn Tx, id: &ThreadId, now: Timestamp) -> Result<()> {
    match try_put(tx, id, now).await {
        Err(Refusal::Store(error @ StoreError::Corrupt { .. })) => {
            tracing::error!(thread = %id, %error, "a conversation is not in the archive");
            Ok(())
        }
        done => done,
    }
}

async fn try_put(tx: &mut dyn Tx, id: &ThreadId, now: Timestamp) -> Result<()> {
    let Some(conversation) = ArchivedConversation::load(tx, id).await? else {
        return Ok(());
    };
    let mut names = BTreeMap::new();
    for id in conversation.agent_ids() {
        if let Some(Agent { id, name, .. }) = tx.agent(&id).await? {
            names.insert(id, name);
        }
    }
    let groups = tx.groups().await?;
    let group = groups
        .iter()
        .find(|it| it.id == conversation.thread.group_id);
    let department = group.map(|group| group.name.as_str());
    let (row, text) = (conversation.row(), conversation.text(&names, department));
    Ok(tx.put_archived(&row, &text, now).await?)
}

/// The longest preview in characters: a line or two.
const PREVIEW_MAX_CHARS: usize = 200;

/// How many events of a conversation are looked through for its first message.
const PREVIEW_WITHIN: i64 = 10;

/// The beginnings of the first messages of these threads.
///
/// # Errors
/// When the store fails.
pub(crate) async fn previews(
    tx: &mut dyn Tx,
    threads: &[ThreadId],
) -> Result<BTreeMap<ThreadId, String>> {
    let range = |id: &ThreadId| EventRange {
        thread_id: id.clone(),
        after: 0,
        through: PREVIEW_WITHIN,
    };
    let ranges: Vec<EventRange> = threads.iter().map(range).collect();
    let mut previews = BTreeMap::new();
    for row in tx.events_of_threads(&ranges, EVENT_BYTES_AT_ONCE).await? {
        if row.visibility == Visibility::Agents || previews.contains_key(&row.thread_id) {
            continue;
        }
        let event = presenter::readable_event(&row, &Annotations::default())?;
        if let Some(EventBody::Message(message)) = event.map(|event| event.body) {
            let preview = message.text.chars().take(PREVIEW_MAX_CHARS).collect();
            previews.insert(row.thread_id, preview);
        }
    }
    Ok(previews)
}
