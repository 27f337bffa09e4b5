//! Builds the view model from the state of the workspace. It only reads.

use parlor_wire::event::FilledField;
use parlor_wire::{Agent, AgentId, Customer, Event, EventBody, Record, RoutingStatus, User};
use serde_json::Value;

use super::chat::Chat;
use super::content::answers;
use super::replies::{PendingReply, ReplyState};
use super::{
    Author, ChatStatus, ConnectionStatus, Delivery, Draft, Entry, HeldReply, Lists, Me, Millis,
    Notice, OpenChat, Page, Person, PersonRecord, Preview, Row, SignInStage, SignIns, Transfer,
    TypingPreview, Workspace, parse_timestamp, sign_in,
};

impl Workspace {
    /// Whether an agent is signed in.
    pub fn sign_in_stage(&self) -> SignInStage {
        match &self.stage {
            sign_in::Stage::Checking => SignInStage::Checking,
            sign_in::Stage::Unreachable { .. } => SignInStage::Unreachable,
            sign_in::Stage::SignedOut { busy, problem, .. } => SignInStage::SignedOut {
                busy: *busy,
                problem: *problem,
            },
            sign_in::Stage::NewPassword { busy, problem, .. } => SignInStage::NewPassword {
                busy: *busy,
                problem: *problem,
            },
            sign_in::Stage::SignedIn(_) => SignInStage::SignedIn,
        }
    }

    /// The agent who is signed in.
    pub fn profile(&self) -> Option<Me> {
        let me = self.me()?;
        Some(Me {
            name: me.name.clone().unwrap_or_else(|| me.id.to_string()),
            status: me.routing_status.clone().unwrap_or(RoutingStatus::Offline),
        })
    }

    /// The state of the connection to the server.
    pub fn connection_status(&self) -> ConnectionStatus {
        self.connection.status()
    }

    /// The last failed action, while its notice is shown.
    pub fn notice(&self) -> Option<Notice> {
        self.notice.map(|(notice, _)| notice)
    }

    /// The list of the agent's sign-ins, if it is open.
    pub fn sign_ins(&self) -> Option<SignIns> {
        self.sign_ins.clone()
    }

    /// The list of agents for a transfer, if it is open.
    pub fn transfer(&self) -> Option<Transfer> {
        self.transfer.clone()
    }

    /// The content of the reply field.
    pub fn draft(&self) -> Draft {
        self.selected_chat()
            .map(|chat| chat.draft.clone())
            .unwrap_or_default()
    }

    /// The three lists of chats.
    pub fn lists(&self) -> Lists {
        let mut lists = Lists::default();
        let Some(me) = self.my_id() else {
            return lists;
        };
        for chat in self.chats.values() {
            let list = match chat.status(me) {
                ChatStatus::Waiting => &mut lists.waiting,
                ChatStatus::Mine => &mut lists.mine,
                ChatStatus::Colleagues => &mut lists.team,
                ChatStatus::Ended if chat.is_kept() => &mut lists.mine,
                ChatStatus::Ended => continue,
            };
            list.push(self.row(chat, me));
        }
        let began = |row: &Row| {
            let thread = self
                .chats
                .get(&row.chat)
                .and_then(|chat| chat.thread.as_ref());
            thread.and_then(|thread| parse_timestamp(&thread.created_at))
        };
        lists.waiting.sort_by_key(|row| row.since.or(began(row)));
        lists.mine.sort_by_key(began);
        lists.team.sort_by_key(began);
        lists
    }

    /// The open chat.
    pub fn open_chat(&self) -> Option<OpenChat> {
        let chat = self.selected_chat()?;
        let me = self.my_id()?;
        let status = chat.status(me);
        let queue = chat
            .thread
            .as_ref()
            .and_then(|thread| thread.queue.as_ref());
        Some(OpenChat {
            chat: chat.id.clone(),
            name: chat.name(),
            status,
            agent_name: chat.answered_by(me),
            team: self.team_of(chat),
            joined: chat.is_joined_by(me) && status != ChatStatus::Mine,
            joining: chat.joining,
            offered: chat.offered_to_me,
            since: chat.waits_since().filter(|_| status == ChatStatus::Waiting),
            // 0 means that it has no position.
            position: queue
                .map(|queue| queue.position)
                .filter(|position| *position > 0),
            away: chat.is_active() && chat.customer().is_some_and(|it| it.present == Some(false)),
            accepting: chat.accepting,
            kept: chat.is_kept(),
            ending: chat.ending,
            complete: chat.complete,
            file_requested: chat.file_requested,
            answering: !chat.is_active() && chat.takes_replies(),
            is_open_message: {
                let thread = chat.thread.as_ref();
                thread.is_some_and(|thread| self.is_open_message(&thread.id))
            },
            callback: {
                let thread = chat.thread.as_ref();
                thread.and_then(|thread| self.callback_of(&thread.id))
            },
            held: chat.held().map(|held| HeldReply {
                custom_id: held.custom_id.clone(),
                who: chat.newer_author(me),
                editable: matches!(held.event.body, EventBody::Message(_)),
            }),
            tags: chat
                .thread
                .as_ref()
                .map_or_else(Vec::new, |thread| thread.tags.clone()),
        })
    }

    /// The events of the open chat, followed by the pending replies.
    pub fn entries(&self) -> Vec<Entry> {
        let (Some(chat), Some(me)) = (self.selected_chat(), self.my_id()) else {
            return Vec::new();
        };
        let seen_up_to = chat
            .customer()
            .and_then(|customer| customer.events_seen_up_to.as_deref())
            .and_then(parse_timestamp);
        chat.events()
            .map(|event| chat.entry(event, me, seen_up_to, &self.origin))
            .chain(
                chat.pending
                    .iter()
                    .map(|it| chat.pending_entry(it, &self.origin)),
            )
            .collect()
    }

    /// What somebody else is typing in the open chat.
    pub fn typing_preview(&self) -> TypingPreview {
        let Some((chat, typing)) = self
            .selected_chat()
            .and_then(|chat| Some((chat, chat.typing.as_ref()?)))
        else {
            return TypingPreview::default();
        };
        let visitor = chat.is_customer(&typing.who);
        TypingPreview {
            typing: true,
            visitor,
            name: match visitor {
                true => chat.name(),
                false => chat
                    .user(&typing.who)
                    .and_then(User::name)
                    .map(str::to_owned),
            },
            text: typing.text.clone(),
        }
    }

    /// What is known about the visitor of the open chat.
    pub fn person(&self) -> Option<Person> {
        Some(self.selected_chat()?.person())
    }

    pub(super) fn selected_chat(&self) -> Option<&Chat> {
        self.chats.get(self.selected.as_ref()?)
    }

    fn row(&self, chat: &Chat, me: &AgentId) -> Row {
        let status = chat.status(me);
        let selected = self.selected.as_ref() == Some(&chat.id);
        Row {
            chat: chat.id.clone(),
            name: chat.name(),
            preview: chat.preview(me),
            since: match status {
                ChatStatus::Waiting => chat.waits_since(),
                ChatStatus::Mine => chat.unanswered_since(),
                _ => None,
            },
            unread: match status {
                ChatStatus::Mine | ChatStatus::Ended => chat.unread(),
                _ => 0,
            },
            typing: chat
                .typing
                .as_ref()
                .is_some_and(|typing| chat.is_customer(&typing.who)),
            agent_name: chat
                .answered_by(me)
                .filter(|_| status == ChatStatus::Colleagues),
            team: self.team_of(chat),
            offered: chat.offered_to_me.is_some(),
            selected,
            ended: status == ChatStatus::Ended,
        }
    }
}

impl Chat {
    /// The visitor's name: as given, from the form, or else the e-mail address.
    pub(super) fn name(&self) -> Option<String> {
        self.given_name().or_else(|| self.email())
    }

    /// The visitor's name: as given, or from the form.
    pub(super) fn given_name(&self) -> Option<String> {
        let given = self.customer().and_then(|customer| customer.name.clone());
        given
            .filter(|name| !name.trim().is_empty())
            .or_else(|| self.answered("name"))
    }

    fn email(&self) -> Option<String> {
        let given = self.customer().and_then(|customer| customer.email.clone());
        given
            .filter(|email| !email.trim().is_empty())
            .or_else(|| self.answered("email"))
    }

    /// What is known about the visitor.
    pub(super) fn person(&self) -> Person {
        let mut person = Person {
            name: self.name(),
            email: self.email(),
            answers: self.answers(),
            agents: self.present_agents().map(agent_name).collect(),
            records: self.records(),
            rating: self.thread.as_ref().and_then(|it| it.rating.clone()),
            ..Person::default()
        };
        if let Some(customer) = self.customer() {
            person.add_customer(customer);
        }
        person
    }

    fn waits_since(&self) -> Option<Millis> {
        let thread = self.thread.as_ref()?;
        let queued_at = thread
            .queue
            .as_ref()
            .and_then(|queue| queue.queued_at.as_deref());
        parse_timestamp(queued_at.unwrap_or(&thread.created_at))
    }

    fn answered_by(&self, me: &AgentId) -> Option<String> {
        self.present_agents()
            .find(|agent| agent.id != *me)
            .map(agent_name)
    }

    /// The first answer to a form field of this type.
    fn answered(&self, kind: &str) -> Option<String> {
        let fields = self.events().filter_map(form_fields).flatten();
        let mut fields = fields.filter(|field| field.kind.as_str() == kind);
        fields.find_map(|field| {
            let text = field.answer.as_ref()?.text()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        })
    }

    /// The answers of the first filled form, usually the one before the chat.
    fn answers(&self) -> Vec<(String, String)> {
        self.events()
            .find_map(form_fields)
            .map(answers)
            .unwrap_or_default()
    }

    /// First those that the site wants shown first.
    fn records(&self) -> Vec<PersonRecord> {
        let records = self.thread.as_ref().map_or(&[][..], |it| &it.records);
        let mut sorted: Vec<&Record> = records.iter().collect();
        sorted.sort_by_key(|record| !record.show_first);
        let shown = sorted.into_iter().map(|record| {
            let fields = record.fields.iter();
            let answers = fields.map(|field| (field.label.clone(), field.value.clone()));
            let links = record.links.iter().filter_map(|link| {
                let named = records.iter().find(|other| other.id == link.id)?;
                Some((link.field_name.clone(), record_name(named)))
            });
            PersonRecord {
                entity_name: record.entity_name.clone(),
                origin: record.origin.clone(),
                fields: answers.chain(links).collect(),
            }
        });
        shown.collect()
    }

    fn preview(&self, me: &AgentId) -> Preview {
        let said = self.events().rev().find(|event| {
            !matches!(
                event.body,
                EventBody::SystemMessage(_) | EventBody::FilledForm(_) | EventBody::Custom(_)
            )
        });
        if let Some(event) = said {
            let author = event.author_id.as_ref();
            return Preview::Message {
                by_me: author.is_some_and(|author| author.as_str() == me.as_str()),
                note: !event.is_public(),
                text: event.body.text_form(),
            };
        }
        // No message yet: the question from the form, if there is one.
        let asked = ["question", "subject", "textarea"];
        match asked
            .iter()
            .find_map(|kind| self.answered(kind))
            .or_else(|| self.detail())
        {
            Some(text) => Preview::Message {
                by_me: false,
                note: false,
                text,
            },
            None => Preview::Nothing,
        }
    }

    /// One detail about the visitor other than name and e-mail address.
    fn detail(&self) -> Option<String> {
        let mut person = Person {
            name: self.name(),
            email: self.email(),
            ..Person::default()
        };
        person.add_customer(self.customer()?);
        person.details.pop().map(|(_, value)| value)
    }

    pub(super) fn entry(
        &self,
        event: &Event,
        me: &AgentId,
        seen_up_to: Option<Millis>,
        origin: &str,
    ) -> Entry {
        let author = match &event.author_id {
            _ if matches!(event.body, EventBody::SystemMessage(_)) => Author::System,
            None => Author::System,
            Some(id) if id.as_str() == me.as_str() => Author::Me,
            Some(id) if self.is_customer(id) => Author::Visitor,
            Some(_) => Author::Colleague,
        };
        let user = event.author_id.as_ref().and_then(|id| self.user(id));
        let at = event.created_at.as_deref().and_then(parse_timestamp);
        let seen = at.zip(seen_up_to).is_some_and(|(at, up_to)| at <= up_to);
        Entry {
            key: event
                .id
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            author,
            name: match author {
                Author::Visitor => self.name(),
                Author::System => None,
                _ => user
                    .and_then(User::name)
                    .map(str::to_owned)
                    .or_else(|| event.author_id.as_ref().map(ToString::to_string)),
            },
            at,
            note: !event.is_public(),
            body: self.content(&event.body, origin),
            delivery: if seen && author == Author::Me {
                Delivery::Seen
            } else {
                Delivery::Stored
            },
        }
    }

    fn pending_entry(&self, pending: &PendingReply, origin: &str) -> Entry {
        Entry {
            key: pending.custom_id.to_string(),
            author: Author::Me,
            name: None,
            at: None,
            note: !pending.event.is_public(),
            body: self.content(&pending.event.body, origin),
            delivery: match &pending.state {
                ReplyState::Sent { .. } => Delivery::Stored,
                ReplyState::Held => Delivery::Held,
                ReplyState::Sending { failures: 0 } | ReplyState::Queued { failures: 0, .. } => {
                    Delivery::Sending
                }
                ReplyState::Sending { .. } | ReplyState::Queued { .. } => Delivery::Delayed,
                ReplyState::Refused(_) => Delivery::Refused(pending.custom_id.clone()),
            },
        }
    }
}

impl Person {
    fn add_customer(&mut self, customer: &Customer) {
        self.first_seen = customer.created_at.as_deref().and_then(parse_timestamp);
        if let Some(statistics) = &customer.statistics {
            self.conversations = statistics.threads_count.or(statistics.chats_count);
            self.visits = statistics.visits_count;
        }
        for fields in customer.session_fields.iter().flatten() {
            for (key, value) in fields {
                let value = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                let detail = (key.clone(), value);
                // Form answers, name and e-mail address are repeated in the session fields.
                let known = [&self.name, &self.email]
                    .into_iter()
                    .flatten()
                    .any(|known| *known == detail.1);
                if !known && !self.answers.contains(&detail) {
                    self.details.push(detail);
                }
            }
        }
        let Some(visit) = &customer.last_visit else {
            return;
        };
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        self.referrer = filled(&visit.referrer);
        self.browser = filled(&visit.user_agent);
        if let Some(location) = &visit.geolocation {
            let parts: Vec<String> = [filled(&location.city), filled(&location.country)]
                .into_iter()
                .flatten()
                .collect();
            self.location = (!parts.is_empty()).then(|| parts.join(", "));
        }
        self.pages = visit
            .last_pages
            .iter()
            .flatten()
            .rev()
            .map(|page| Page {
                title: filled(&page.title).unwrap_or_else(|| page.url.clone()),
                url: page.url.clone(),
                at: page.opened_at.as_deref().and_then(parse_timestamp),
            })
            .collect();
    }
}

fn agent_name(agent: &Agent) -> String {
    agent.name.clone().unwrap_or_else(|| agent.id.to_string())
}

/// What it is a record of, and its first value.
fn record_name(record: &Record) -> String {
    match record.fields.first() {
        Some(field) => format!("{}: {}", record.entity_name, field.value),
        None => record.entity_name.clone(),
    }
}

fn form_fields(event: &Event) -> Option<&[FilledField]> {
    match &event.body {
        EventBody::FilledForm(form) => Some(&form.fields),
        _ => None,
    }
}
