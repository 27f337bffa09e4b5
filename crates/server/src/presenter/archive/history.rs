//! The history of a conversation: what happened in it, one entry after the other.

use parlor_wire::{
    UserId,
    archive::{ArchivedRating, Attachment, HistoryEntry, HistoryKind, nick},
    event::{Event as WireEvent, EventBody, File, RichMessage, SystemMessage},
};

use super::{Archive, seconds};
use crate::{
    clock::Timestamp,
    conversation::archive::ArchivedConversation,
    presenter::{event_id, file_address, visitor::system},
    store::row::{Event, Visibility},
};

/// Who did something.
#[derive(Debug, Clone, PartialEq)]
struct Person {
    name: String,
    nick: Option<String>,
}

impl Archive {
    /// What happened, in order. People who are there when the conversation ends leave
    /// then.
    pub(super) fn history(
        &self,
        it: &ArchivedConversation,
        ended_at: Timestamp,
    ) -> Vec<HistoryEntry> {
        let visitor = Person {
            name: it.visitor_name().unwrap_or_default().to_owned(),
            nick: Some(nick(&UserId::from(it.customer.id.as_str()), true)),
        };
        let mut history = History {
            channel: format!("#supportchat:{}", it.thread.id),
            entries: Vec::new(),
            present: Vec::new(),
        };
        history.join(&visitor, it.thread.created_at);
        let mut conversions = it.conversions.iter().peekable();
        let mut add_conversions = |history: &mut History, before: Timestamp| {
            while let Some(row) = conversions.next_if(|row| row.what.created_at < before) {
                let conversion = self.conversion(it, row);
                let what = HistoryKind::Conversion { conversion };
                history.add(what, visitor.clone(), row.what.created_at, None);
            }
        };
        for (row, event) in &it.events {
            add_conversions(&mut history, row.created_at);
            if row.visibility == Visibility::Agents && !self.shows_private {
                continue;
            }
            if let EventBody::SystemMessage(message) = &event.body {
                self.add_system_message(&mut history, it, row, message, &visitor);
                continue;
            }
            let author = match &row.author_id {
                Some(id) if id.as_str() == it.customer.id.as_str() => visitor.clone(),
                Some(id) => self.agent(id),
                None => Person {
                    name: String::new(),
                    nick: None,
                },
            };
            if let Some(what) = self.said(event) {
                history.add(what, author, row.created_at, Some(row));
            }
        }
        add_conversions(&mut history, ended_at);
        for person in std::mem::take(&mut history.present) {
            history.add(HistoryKind::MemberLeave, person, ended_at, None);
        }
        // Most goals are reached after the chat.
        add_conversions(&mut history, Timestamp(i64::MAX));
        history.entries
    }

    fn agent(&self, id: &UserId) -> Person {
        let name = self.agents.get(&id.as_str().into()).cloned();
        Person {
            name: name.unwrap_or_default(),
            nick: Some(nick(id, false)),
        }
    }

    /// The agent whom a system message names.
    fn agent_called(&self, it: &ArchivedConversation, name: &str) -> Person {
        let ids = it.agent_ids();
        let id = ids
            .iter()
            .find(|id| self.agents.get(*id).is_some_and(|it| it == name));
        Person {
            name: name.to_owned(),
            nick: id.map(|id| nick(&UserId::from(id.as_str()), false)),
        }
    }

    fn said(&self, event: &WireEvent) -> Option<HistoryKind> {
        let options = match &event.body {
            EventBody::RichMessage(rich) => options(rich),
            EventBody::File(file) => {
                return Some(HistoryKind::File {
                    attachment: self.attachment(file),
                });
            }
            EventBody::Custom(_) => return None,
            _ => String::new(),
        };
        let msg = event.body.text_form();
        Some(HistoryKind::Msg { msg, options })
    }

    fn attachment(&self, file: &File) -> Attachment {
        let mut file = file.clone();
        file_address::make_absolute(&mut file, &self.base);
        Attachment {
            name: file.name.unwrap_or_default(),
            url: file.url,
            mime_type: file.content_type,
            size: file.size,
        }
    }

    fn add_system_message(
        &self,
        history: &mut History,
        it: &ArchivedConversation,
        row: &Event,
        message: &SystemMessage,
        visitor: &Person,
    ) {
        let variable = |name: &str| {
            let vars = message.text_vars.as_ref()?;
            Some(vars.get(name)?.as_str()?.to_owned())
        };
        let agent = |name: &str| self.agent_called(it, &variable(name).unwrap_or_default());
        let at = row.created_at;
        let what = match message.system_message_type.as_str() {
            system::ASSIGNED => return history.join(&agent("agent"), at),
            system::LEFT => return history.leave(&agent("agent"), at),
            system::TRANSFERRED => {
                history.leave(&agent("from"), at);
                return history.join(&agent("agent"), at);
            }
            system::RATED => {
                let new_rating = match variable("score").as_deref() {
                    Some("good") => Some(ArchivedRating::Good),
                    Some("bad") => Some(ArchivedRating::Bad),
                    _ => None,
                };
                HistoryKind::Rating {
                    rating: history.last_rating(),
                    new_rating,
                }
            }
            system::COMMENTED => HistoryKind::Comment {
                comment: history.last_comment(),
                new_comment: variable("comment").unwrap_or_default(),
            },
            // The end is told by everybody's leaving.
            kind if system::is_ended(kind) => return,
            _ => {
                let nobody = Person {
                    name: String::new(),
                    nick: None,
                };
                let msg = message.text.clone().unwrap_or_default();
                return history.add(HistoryKind::System { msg }, nobody, at, Some(row));
            }
        };
        history.add(what, visitor.clone(), at, Some(row));
    }
}

struct History {
    channel: String,
    entries: Vec<HistoryEntry>,
    /// Who is in the conversation.
    present: Vec<Person>,
}

impl History {
    fn add(&mut self, what: HistoryKind, person: Person, at: Timestamp, row: Option<&Event>) {
        let is_private = row.is_some_and(|row| row.visibility == Visibility::Agents);
        self.entries.push(HistoryEntry {
            what,
            channel: self.channel.clone(),
            timestamp: seconds(at),
            name: person.name,
            nick: person.nick,
            event_id: row.map(event_id),
            visibility: is_private.then_some("agents"),
        });
    }

    fn join(&mut self, person: &Person, at: Timestamp) {
        if !self.present.contains(person) {
            self.present.push(person.clone());
            self.add(HistoryKind::MemberJoin, person.clone(), at, None);
        }
    }

    fn leave(&mut self, person: &Person, at: Timestamp) {
        let before = self.present.len();
        self.present.retain(|it| it != person);
        if self.present.len() < before {
            self.add(HistoryKind::MemberLeave, person.clone(), at, None);
        }
    }

    fn last_rating(&self) -> Option<ArchivedRating> {
        self.entries
            .iter()
            .rev()
            .find_map(|entry| match entry.what {
                HistoryKind::Rating { new_rating, .. } => new_rating,
                _ => None,
            })
    }

    fn last_comment(&self) -> Option<String> {
        self.entries
            .iter()
            .rev()
            .find_map(|entry| match &entry.what {
                HistoryKind::Comment { new_comment, .. } => Some(new_comment.clone()),
                _ => None,
            })
    }
}

/// The texts of the buttons.
fn options(rich: &RichMessage) -> String {
    let buttons = rich.elements().iter().flat_map(|element| element.buttons());
    let texts: Vec<&str> = buttons.map(|button| button.text.as_str()).collect();
    texts.join("/")
}
