//! Conversations that are over, as the Chats API shows them (`docs/ARCHIVE.md`).

mod history;

use std::collections::BTreeMap;

use parlor_wire::{
    AgentId,
    archive::{
        ArchivedChat, ArchivedKind, ArchivedRating, ArchivedSession, ArchivedVisitor, Attribution,
        Conversion, MessageCounts, ResponseTimes, StartedBy, VisitedPage,
    },
    event::EventBody,
};
use woothee::parser::Parser;

use crate::{
    clock::Timestamp,
    conversation::{
        archive::{ArchivedConversation, measure},
        rate::{comment_of, rating_of},
    },
    store::{
        self,
        archive::{ArchiveKind, ThreadRating},
        row::{Agent, Group, Visibility},
    },
};

/// What the records of one answer have in common.
#[derive(Debug)]
pub(crate) struct Archive {
    agents: BTreeMap<AgentId, String>,
    groups: BTreeMap<i64, String>,
    /// The address of this endpoint, without a slash at its end.
    base: String,
    /// Whether what only agents see is shown.
    shows_private: bool,
}

impl Archive {
    pub(crate) fn new(
        agents: Vec<Agent>,
        groups: Vec<Group>,
        base: String,
        shows_private: bool,
    ) -> Self {
        Self {
            agents: agents.into_iter().map(|it| (it.id, it.name)).collect(),
            groups: groups.into_iter().map(|it| (it.id, it.name)).collect(),
            base,
            shows_private,
        }
    }

    fn department(&self, group_id: i64) -> Option<(i64, String)> {
        let name = self.groups.get(&group_id)?;
        Some((group_id, name.clone()))
    }

    /// A conversation with everything that is known of it. `changed_at`: when the
    /// archive's row was written.
    pub(crate) fn chat(&self, it: &ArchivedConversation, changed_at: Timestamp) -> ArchivedChat {
        let thread = &it.thread;
        let counts = measure(thread, &it.events);
        let ended_at = thread.ended_at.unwrap_or(thread.created_at);
        let agent_ids = it.agent_ids();
        let department = self.department(thread.group_id);
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let customer = &it.customer;
        ArchivedChat {
            id: thread.id.clone(),
            kind: kind(it.kind()),
            message: (it.kind() == ArchiveKind::OfflineMessage).then(|| first_message(it)),
            chat_id: thread.chat_id.clone(),
            visitor: ArchivedVisitor {
                id: customer.id.clone(),
                name: text(it.visitor_name()),
                email: text(it.visitor_email()),
                phone: text(it.visitor_phone()),
                notes: text(customer.notes.as_ref().map(|notes| notes.0.as_str())),
            },
            session: session(it, ended_at),
            timestamp: seconds(thread.created_at),
            end_timestamp: seconds(ended_at),
            update_timestamp: changed_at.to_rfc3339(),
            duration: ended_at.seconds_since(thread.created_at).max(0),
            department_id: department.as_ref().map(|(id, _)| *id),
            department_name: department.map(|(_, name)| name),
            agent_names: agent_ids
                .iter()
                .map(|id| self.agents.get(id).cloned().unwrap_or_default())
                .collect(),
            agent_ids,
            count: MessageCounts {
                agent: counts.agent_messages,
                visitor: counts.visitor_messages,
                total: counts.agent_messages + counts.visitor_messages,
            },
            response_time: response_times(&counts),
            missed: it.is_missed(),
            unread: it.is_unread(),
            rating: rating_of(thread).map(rating),
            comment: comment_of(thread),
            tags: thread.tags.clone(),
            started_by: match thread.queued_at.is_none() && thread.accepted_at.is_some() {
                true => StartedBy::Agent,
                false => StartedBy::Visitor,
            },
            triggered: false,
            triggered_response: None,
            conversions: it
                .conversions
                .iter()
                .map(|row| self.conversion(it, row))
                .collect(),
            history: self.history(it, ended_at),
            webpath: pages(it),
            zendesk_ticket_id: (),
        }
    }

    fn conversion(&self, it: &ArchivedConversation, row: &store::row::Conversion) -> Conversion {
        let what = &row.what;
        let agent_name = what.agent_id.as_ref().and_then(|id| self.agents.get(id));
        let department = self.department(what.group_id);
        Conversion {
            id: row.number.to_string(),
            goal_id: what.goal_id,
            goal_name: what.goal_name.clone(),
            timestamp: seconds(what.created_at),
            attribution: Attribution {
                agent_id: what.agent_id.clone(),
                agent_name: agent_name.cloned(),
                chat_timestamp: seconds(it.thread.created_at),
                department_id: department.as_ref().map(|(id, _)| *id),
                department_name: department.map(|(_, name)| name),
            },
        }
    }
}

/// Times of records are whole seconds.
pub(crate) fn seconds(at: Timestamp) -> String {
    let text = at.to_rfc3339();
    match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text,
    }
}

pub(crate) fn kind(kind: ArchiveKind) -> ArchivedKind {
    match kind {
        ArchiveKind::Chat => ArchivedKind::Chat,
        ArchiveKind::OfflineMessage => ArchivedKind::OfflineMsg,
    }
}

fn rating(rating: ThreadRating) -> ArchivedRating {
    match rating {
        ThreadRating::Good => ArchivedRating::Good,
        ThreadRating::Bad => ArchivedRating::Bad,
    }
}

fn response_times(counts: &crate::store::archive::ThreadCounts) -> ResponseTimes {
    let rounded = |ms: i64| (ms + 500) / 1_000;
    let is_answered = counts.responses > 0;
    ResponseTimes {
        first: counts.first_response_ms.map(rounded),
        avg: is_answered.then(|| rounded(counts.total_response_ms / counts.responses.max(1))),
        max: is_answered.then(|| rounded(counts.max_response_ms)),
    }
}

/// The words with which somebody has left a message.
pub(crate) fn first_message(it: &ArchivedConversation) -> String {
    let mut visible = it
        .events
        .iter()
        .filter(|(row, _)| row.visibility == Visibility::All);
    let message = visible.find_map(|(_, event)| match &event.body {
        EventBody::Message(message) => Some(message.text.clone()),
        _ => None,
    });
    message.unwrap_or_default()
}

fn session(it: &ArchivedConversation, ended_at: Timestamp) -> ArchivedSession {
    let details = &it.thread.details.0;
    let location = details.location.clone().unwrap_or_default();
    let user_agent = details.user_agent.clone().filter(|text| !text.is_empty());
    let known = |name: &str| (name != "UNKNOWN").then(|| name.to_owned());
    let parsed = user_agent
        .as_deref()
        .and_then(|text| Parser::new().parse(text));
    ArchivedSession {
        id: it.thread.id.to_string(),
        browser: parsed.as_ref().and_then(|it| known(it.name)),
        platform: parsed.as_ref().and_then(|it| known(it.os)),
        user_agent,
        ip: details.address.clone(),
        country_code: location.country_code,
        country_name: location.country,
        region: location.region,
        city: location.city,
        start_date: seconds(it.thread.created_at),
        end_date: seconds(ended_at),
    }
}

fn pages(it: &ArchivedConversation) -> Vec<VisitedPage> {
    let details = &it.thread.details.0;
    let mut from = details.referrer.clone().unwrap_or_default();
    let visited = details.pages.iter().map(|page| VisitedPage {
        from: std::mem::replace(&mut from, page.url.clone()),
        to: page.url.clone(),
        title: page.title.clone().unwrap_or_default(),
        timestamp: seconds(Timestamp(page.opened_at)),
    });
    visited.collect()
}
