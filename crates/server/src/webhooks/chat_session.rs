//! The payload of the chat session webhook, member by member as its interface has them.

use serde::Serialize;

use super::lifecycle::{Status, handled_at};
use crate::{
    clock::Timestamp,
    store::row::{AttachedRecord, EndReason, OfflineMessage, Organization, Thread},
};

/// The name of a visitor who has given none.
const NAMELESS: &str = "Visitor";

/// Records of this entity are what a ticket is elsewhere (Chat REST API, Entity).
const TICKET: &str = "Case";

/// A conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChatSession {
    /// That of the thread.
    pub(super) id: String,
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    pub(super) status: Status,
    pub(super) past_status: &'static [Status],
    pub(super) report: Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<Reference>,
    pub(super) creator: User,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) callback: Option<Callback>,
    pub(super) target_users: Vec<User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) close_record: Option<CloseRecord>,
    /// Empty while it is open: the interface has a text here in any case. So it is with
    /// `handledDateTime`.
    pub(super) closed_date_time: String,
    pub(super) users: Vec<User>,
    pub(super) participants: Vec<User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_message_id: Option<String>,
    pub(super) created_date_time: String,
    pub(super) last_modified_date_time: String,
}

/// Who has begun it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A visitor.
    Request,
    /// An agent.
    Push,
}

/// Times in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) creator_waited: i64,
    pub(super) handled_date_time: String,
    pub(super) chat_duration: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Reference {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Callback {
    #[serde(flatten)]
    pub(super) callback: parlor_wire::Callback,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CloseRecord {
    user: User,
    note: String,
    last_modified_date_time: String,
}

/// A visitor or an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) entity_id: i64,
    pub(super) name: String,
    /// The site, `c` for a contact or `m` for a member, and the number.
    pub(super) user_id: String,
    pub(super) company: Company,
}

/// Of an agent: the site's organisation. Of a visitor of whom none is known: number 0, and no
/// name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Company {
    pub(super) entity_id: i64,
    pub(super) name: String,
    pub(super) identifier: String,
}

impl User {
    pub(super) fn contact(
        site: &Organization,
        number: i64,
        name: Option<&str>,
        company: Company,
    ) -> Self {
        Self {
            entity_id: number,
            name: name.unwrap_or(NAMELESS).to_owned(),
            user_id: format!("{}~c~{number}", site.id),
            company,
        }
    }

    pub(super) fn member(
        site: &Organization,
        number: i64,
        name: &str,
        company_number: i64,
    ) -> Self {
        Self {
            entity_id: number,
            name: name.to_owned(),
            user_id: format!("{}~m~{number}", site.id),
            company: Company {
                entity_id: company_number,
                name: site.name.clone(),
                identifier: site.id.to_string(),
            },
        }
    }
}

/// What a payload is made of.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) thread: &'a Thread,
    pub(super) customer: User,
    /// Everybody else who took part, by the ids of [`Thread`], in order.
    pub(super) agents: Vec<(String, User)>,
    /// The agent for whom alone the visitor waits.
    pub(super) awaited: Option<User>,
    /// The agent who has ended it.
    pub(super) closer: Option<User>,
    /// The message that was left, with its text, in a thread that is one.
    pub(super) message: Option<(&'a OfflineMessage, Option<String>)>,
    pub(super) records: &'a [AttachedRecord],
    pub(super) now: Timestamp,
}

impl Facts<'_> {
    /// The conversation in a status that it has now, or had in this very moment.
    pub(super) fn session(&self, status: Status) -> ChatSession {
        let thread = self.thread;
        let lifecycle = &thread.details.0.lifecycle;
        let starter = lifecycle.begun_by.as_ref();
        let starter = starter.and_then(|id| self.agent(id.as_ref()));
        let ended_at = thread.ended_at.filter(|_| !status.is_open());
        ChatSession {
            id: thread.id.to_string(),
            name: self.name(starter),
            kind: match lifecycle.begun_by {
                Some(_) => Kind::Push,
                None => Kind::Request,
            },
            status,
            past_status: status.past(),
            report: self.report(status),
            reference: self.reference(),
            creator: starter.unwrap_or(&self.customer).clone(),
            callback: self.callback(),
            target_users: self.target_users(status),
            close_record: ended_at.and_then(|at| self.close_record(at)),
            closed_date_time: time(ended_at),
            users: match status.is_open() {
                true => self.present(status),
                false => Vec::new(),
            },
            participants: self.participants(status),
            last_message_id: lifecycle.last_message.as_ref().map(ToString::to_string),
            created_date_time: time(Some(thread.created_at)),
            last_modified_date_time: time(Some(self.now)),
        }
    }

    fn agent(&self, id: &str) -> Option<&User> {
        let mut agents = self.agents.iter();
        agents.find(|(known, _)| known == id).map(|(_, user)| user)
    }

    /// As the documentation's sample has it.
    fn name(&self, starter: Option<&User>) -> String {
        let (what, user) = match starter {
            Some(agent) => ("Chat", agent),
            None => ("Chat Request", &self.customer),
        };
        match user.company.name.as_str() {
            "" => format!("{what} from {}", user.name),
            company => format!("{what} from {} at {company}", user.name),
        }
    }

    fn is_push(&self) -> bool {
        self.thread.details.0.lifecycle.begun_by.is_some()
    }

    fn report(&self, status: Status) -> Report {
        let thread = self.thread;
        let until = thread.ended_at.unwrap_or(self.now);
        let handled_at = handled_at(thread).filter(|_| status.is_handled());
        let begun_at = match self.is_push() {
            true => thread.created_at,
            // A message that was left waits for nobody.
            false => thread.queued_at.unwrap_or(until).min(until),
        };
        let waited_s = || handled_at.unwrap_or(until).seconds_since(begun_at);
        let summed = thread.details.0.waited_s.filter(|_| handled_at.is_some());
        Report {
            creator_waited: summed.unwrap_or_else(waited_s),
            handled_date_time: time(handled_at),
            chat_duration: handled_at.map_or(0, |at| until.seconds_since(at)),
        }
    }

    fn reference(&self) -> Option<Reference> {
        let mut records = self.records.iter();
        let ticket = records.find(|row| row.record.entity_name == TICKET)?;
        Some(Reference {
            kind: "ticket",
            id: ticket.record.id.to_string(),
        })
    }

    fn callback(&self) -> Option<Callback> {
        let (message, text) = self.message.as_ref()?;
        Some(Callback {
            callback: message.callback.as_ref()?.0.clone(),
            note: text.clone(),
        })
    }

    /// Who was invited and has not come.
    fn target_users(&self, status: Status) -> Vec<User> {
        let target = match (status, self.is_push()) {
            (Status::Created | Status::Missed, true) => Some(&self.customer),
            (Status::Created, false) => self.awaited.as_ref(),
            _ => None,
        };
        target.into_iter().cloned().collect()
    }

    /// Who is there now.
    fn present(&self, status: Status) -> Vec<User> {
        let is_there = status.is_handled() || !self.is_push();
        let customer = is_there.then_some(&self.customer);
        let agent = self.thread.agent_id.as_ref();
        let agent = agent.filter(|_| status.is_handled() || self.is_push());
        let agent = agent.and_then(|id| self.agent(id.as_ref()));
        customer.into_iter().chain(agent).cloned().collect()
    }

    /// Who took part.
    fn participants(&self, status: Status) -> Vec<User> {
        let took_part = status.is_handled() || !self.is_push();
        let customer = took_part.then_some(&self.customer);
        let met = status.is_handled() || self.is_push();
        let agents = self.agents.iter().filter(|_| met).map(|(_, user)| user);
        customer.into_iter().chain(agents).cloned().collect()
    }

    /// `None` where nobody has ended it: a message that was left, or an agent who is gone.
    fn close_record(&self, ended_at: Timestamp) -> Option<CloseRecord> {
        let (user, note) = match self.thread.end_reason? {
            EndReason::Agent => {
                let user = self.closer.as_ref()?;
                (user, format!("{} closed the chat", user.name))
            }
            EndReason::Client => (&self.customer, "The visitor ended the chat".to_owned()),
            EndReason::ClientTimeout => (&self.customer, "The visitor went away".to_owned()),
            EndReason::AgentTimeout => return None,
        };
        Some(CloseRecord {
            user: user.clone(),
            note,
            last_modified_date_time: time(Some(ended_at)),
        })
    }
}

fn time(at: Option<Timestamp>) -> String {
    at.map(Timestamp::to_rfc3339).unwrap_or_default()
}
