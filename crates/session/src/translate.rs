//! Turns the types of the wire into those of the session. Nothing else in the session
//! does.

use parlor_wire::{
    Thread, User,
    event::{Event, EventBody, SystemMessage},
    free,
    visitor::{
        AgentMessage, AgentTyping, ChatEnded, ChatEstablished, ChatRequestFail, ChatTransferred,
        Node, ThreadOfHistory, TranscriptEntry,
    },
};

use crate::{
    Millis,
    change::{AgentCard, EndedBy, FailReason, PastThread},
    line::{Author, Body, Line, LineId, Notice, SendState},
    prechat,
    saved::{OutgoingEvent, Pending},
    session::ThreadPage,
};

pub(crate) fn agent(from: &ChatEstablished) -> AgentCard {
    AgentCard {
        id: from.user_id.clone(),
        name: from.name.clone(),
        avatar: from.avatar.clone(),
    }
}

pub(crate) fn transferred_agent(from: &ChatTransferred) -> AgentCard {
    AgentCard {
        id: from.user_id.clone(),
        name: from.name.clone(),
        avatar: from.avatar.clone(),
    }
}

pub(crate) fn ended(from: &ChatEnded) -> EndedBy {
    match from.reason.as_deref() {
        Some("client") => EndedBy::Visitor,
        Some("agent") => EndedBy::Agent,
        Some("clientTimeout") => EndedBy::VisitorTimeout,
        Some("agentTimeout") => EndedBy::AgentTimeout,
        _ => EndedBy::Unknown,
    }
}

pub(crate) fn ended_at(from: &ChatEnded) -> Option<Millis> {
    from.created_at.as_deref().and_then(moment)
}

pub(crate) fn failed(from: &ChatRequestFail) -> FailReason {
    match from.reason.as_str() {
        "Unavailable" => FailReason::Unavailable,
        "NoPost" => FailReason::Refused,
        _ => FailReason::Internal,
    }
}

/// The number of a line. An event without one gets `next`, and so comes after all
/// others.
fn numbered(sequence: Option<i64>, next: u64) -> u64 {
    sequence
        .and_then(|n| u64::try_from(n).ok())
        .filter(|n| *n > 0)
        .unwrap_or(next)
}

fn line_id(event_id: Option<&parlor_wire::EventId>, number: u64) -> LineId {
    LineId(event_id.map_or_else(|| format!("#{number}"), ToString::to_string))
}

pub(crate) fn message(from: AgentMessage, next: u64) -> Line {
    let number = numbered(from.sequence, next);
    Line {
        id: line_id(from.event_id.as_ref(), number),
        number: Some(number),
        author: Author::Agent(AgentCard {
            id: from.agent_id.unwrap_or_default(),
            name: from.name,
            avatar: from.avatar,
        }),
        at: from.created_at.as_deref().and_then(moment),
        body: text_body(from.text, from.nodes).into(),
        state: None,
    }
}

pub(crate) fn joined(from: &ChatEstablished, next: u64) -> Line {
    notice(
        from.event_id.as_ref(),
        numbered(from.sequence, next),
        from.created_at.as_deref(),
        Notice::AgentJoined {
            name: from.name.clone(),
        },
    )
}

pub(crate) fn transferred(from: &ChatTransferred, next: u64) -> Line {
    notice(
        from.event_id.as_ref(),
        numbered(from.sequence, next),
        from.created_at.as_deref(),
        Notice::Transferred {
            name: from.name.clone(),
        },
    )
}

pub(crate) fn left(from: &AgentTyping, next: u64) -> Line {
    notice(
        from.event_id.as_ref(),
        numbered(from.sequence, next),
        from.created_at.as_deref(),
        Notice::AgentLeft {
            name: from.name.clone(),
        },
    )
}

fn notice(
    event_id: Option<&parlor_wire::EventId>,
    number: u64,
    at: Option<&str>,
    notice: Notice,
) -> Line {
    Line {
        id: line_id(event_id, number),
        number: Some(number),
        author: Author::System,
        at: at.and_then(moment),
        body: Body::Notice(notice).into(),
        state: None,
    }
}

/// The line of an event. An event names its author by id alone; `agent` is the one who
/// answers now.
pub(crate) fn event_line(event: Event, agent: Option<&AgentCard>, next: u64) -> Line {
    let number = event.id.as_ref().and_then(|id| id.number()).unwrap_or(next);
    let author = match (&event.body, &event.author_id) {
        (EventBody::SystemMessage(_), _) | (_, None) => Author::System,
        (_, Some(id)) => Author::Agent(match agent {
            Some(agent) if agent.id == id.as_str() => agent.clone(),
            _ => AgentCard {
                id: id.to_string(),
                ..AgentCard::default()
            },
        }),
    };
    Line {
        id: line_id(event.id.as_ref(), number),
        number: Some(number),
        author,
        at: event.created_at.as_deref().and_then(moment),
        body: event_body(event.body).into(),
        state: None,
    }
}

/// The line of an event that the visitor wrote on another device.
pub(crate) fn own_event_line(event: Event, next: u64) -> Line {
    let custom_id = event.custom_id.as_ref().map(|id| LineId(id.to_string()));
    let line = event_line(event, None, next);
    Line {
        id: custom_id.unwrap_or_else(|| line.id.clone()),
        author: Author::Visitor,
        state: Some(SendState::Sent),
        ..line
    }
}

fn event_body(body: EventBody) -> Body {
    match body {
        EventBody::Message(message) => Body::Text(message.text),
        EventBody::SystemMessage(message) => Body::Notice(system_notice(&message)),
        EventBody::RichMessage(rich) => Body::Rich(Box::new(rich)),
        EventBody::Form(form) => Body::Form(Box::new(form)),
        EventBody::FilledForm(filled) => Body::Filled(prechat::as_text(&filled)),
        EventBody::File(file) => Body::File(file.into()),
        EventBody::Custom(custom) => {
            Body::Custom(custom.content.as_ref().map_or("", free::text).to_owned())
        }
        EventBody::Unknown { kind, .. } => Body::Other { kind },
    }
}

/// The endpoint's own system messages become notices that the window words in the
/// visitor's language; any other keeps its text, with the variables filled in.
fn system_notice(message: &SystemMessage) -> Notice {
    let var = |key: &str| {
        let vars = message.text_vars.as_ref()?;
        vars.get(key)?.as_str().map(str::to_owned)
    };
    match message.system_message_type.as_str() {
        "routing.assigned" => Notice::AgentJoined {
            name: var("agent").unwrap_or_default(),
        },
        "chat_transferred" => Notice::Transferred {
            name: var("agent").unwrap_or_default(),
        },
        "agent_left" => Notice::AgentLeft { name: var("agent") },
        "customer_idle" => Notice::Idle,
        "manual_archived_agent" => Notice::Archived { name: var("agent") },
        "manual_archived_customer" => Notice::EndedByVisitor,
        // Nobody has closed it: the agent whom it names was there, or gone.
        kind if kind.starts_with("routing.archived") || kind.starts_with("manual_archived") => {
            Notice::Archived { name: None }
        }
        "rating.chat_rated" => Notice::Rated {
            good: var("score").as_deref() == Some("good"),
        },
        "transcript.requested" => Notice::TranscriptRequested,
        _ => Notice::Text {
            text: interpolated(message),
        },
    }
}

/// Replaces the variables in `{agent} has joined`, or `%agent% has joined`. Goes through
/// the text once, so that the value of a variable is not replaced again.
fn interpolated(message: &SystemMessage) -> String {
    let value = |key: &str| message.text_vars.as_ref()?.get(key)?.as_str();
    let mut text = String::new();
    let mut rest = message.text.as_deref().unwrap_or_default();
    while let Some((before, after)) = rest.split_once(['{', '%']) {
        let (opened, end) = match rest.get(before.len()..=before.len()) {
            Some("{") => ("{", '}'),
            _ => ("%", '%'),
        };
        let variable = after.split_once(end);
        let variable = variable.and_then(|(key, after)| Some((value(key)?, after)));
        let (said, after) = variable.unwrap_or((opened, after));
        text.push_str(before);
        text.push_str(said);
        rest = after;
    }
    text.push_str(rest);
    text
}

pub(crate) fn file_requested(number: u64) -> Line {
    notice(None, number, None, Notice::FileWanted)
}

/// The body of a message that the endpoint has not confirmed.
pub(crate) fn own_body(pending: &Pending) -> Body {
    match &pending.event {
        OutgoingEvent::Text | OutgoingEvent::Postback(_) => Body::Text(pending.text.clone()),
        OutgoingEvent::Filled(form) => Body::Filled(prechat::as_text(form)),
        OutgoingEvent::File(file) => Body::File(file.clone()),
        OutgoingEvent::Custom(content) => Body::Custom(content.clone()),
    }
}

/// A line of `ChasitorSessionData`.
pub(crate) fn entry(from: TranscriptEntry, next: u64) -> Line {
    let own = from.kind == "Chasitor";
    let number = numbered(Some(from.sequence), next);
    let id = match (&from.custom_id, own) {
        (Some(custom_id), true) => LineId(custom_id.clone()),
        _ => line_id(from.event_id.as_ref(), number),
    };
    let state = own.then_some(SendState::Sent);
    let author = match from.kind.as_str() {
        "Chasitor" => Author::Visitor,
        "Agent" => Author::Agent(AgentCard {
            id: from.agent_id.unwrap_or_default(),
            name: from.name,
            avatar: None,
        }),
        // A card, a form or a file, for which clients that show texts alone have no line.
        _ => match from.agent_name {
            Some(name) => Author::Agent(AgentCard {
                id: from.agent_id.unwrap_or_default(),
                name,
                avatar: None,
            }),
            None => Author::System,
        },
    };
    let is_text = |event: &Event| matches!(event.body, EventBody::Message(_));
    if let Some(event) = from.event.filter(|event| !is_text(event)) {
        let line = event_line(event, None, next);
        let id = if own { id } else { line.id };
        return Line {
            id,
            author,
            state,
            ..line
        };
    }
    let body = if author == Author::System {
        Body::Notice(Notice::Text { text: from.content })
    } else {
        text_body(from.content, from.nodes)
    };
    Line {
        id,
        number: Some(number),
        author,
        at: from
            .created_at
            .as_deref()
            .and_then(moment)
            .or_else(|| u64::try_from(from.timestamp).ok().filter(|t| *t > 0)),
        body: body.into(),
        state,
    }
}

fn text_body(text: String, nodes: Vec<Node>) -> Body {
    if nodes.is_empty() {
        Body::Text(text)
    } else {
        Body::Formatted { text, nodes }
    }
}

impl From<ThreadOfHistory> for PastThread {
    fn from(from: ThreadOfHistory) -> Self {
        let last = from.last_event.map(|event| event.body);
        Self {
            id: from.id.to_string(),
            at: moment(&from.created_at),
            active: from.active,
            unread: from.unread,
            last: last.and_then(|body| match body {
                EventBody::Message(message) => Some(message.text),
                EventBody::SystemMessage(message) => message.text,
                EventBody::File(file) => file.name,
                _ => None,
            }),
        }
    }
}

impl From<Thread> for ThreadPage {
    fn from(from: Thread) -> Self {
        let card = |user: User| match user {
            User::Agent(agent) => Some(AgentCard {
                id: agent.id.to_string(),
                name: agent.name.unwrap_or_default(),
                avatar: agent.avatar,
            }),
            _ => None,
        };
        Self {
            thread_id: from.id.to_string(),
            restricted: from.restricted_access,
            events: from.events.unwrap_or_default(),
            agents: from.users.into_iter().flatten().filter_map(card).collect(),
            has_earlier: from.has_earlier_events,
        }
    }
}

impl ThreadPage {
    /// Its lines; if it may not be read, one that says why.
    pub(crate) fn lines(&mut self) -> Vec<Line> {
        if let Some(reason) = &self.restricted {
            let line = notice(
                None,
                0,
                None,
                Notice::Restricted {
                    reason: reason.clone(),
                },
            );
            let id = LineId(self.thread_id.clone());
            return vec![Line { id, ..line }];
        }
        let line = |event: Event| {
            let by = |agent: &&AgentCard| {
                let author = event.author_id.as_ref();
                author.is_some_and(|id| id.as_str() == agent.id)
            };
            let agent = self.agents.iter().find(by);
            let line = event_line(event, agent, 0);
            let own = agent.is_none() && line.author != Author::System;
            if own {
                return Line {
                    author: Author::Visitor,
                    state: Some(SendState::Sent),
                    ..line
                };
            }
            line
        };
        let events = std::mem::take(&mut self.events);
        events.into_iter().map(line).collect()
    }
}

/// Reads the endpoint's times (`2017-10-12T15:19:21.010200Z`): UTC, with or
/// without a fraction. A date library would weigh more than the session.
pub fn moment(text: &str) -> Option<Millis> {
    // The number that stands in these columns, and nothing but it.
    let number = |from: usize, to: usize| {
        let digits = text.as_bytes().get(from..to)?.iter();
        digits
            .map(|digit| u64::from(digit.wrapping_sub(b'0')))
            .try_fold(0, |number, digit| {
                (digit < 10).then_some(number * 10 + digit)
            })
    };
    let marked = |at: usize, mark: u8| text.as_bytes().get(at) == Some(&mark);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let end = text.len().checked_sub(1)?;
    let fraction = text.as_bytes().get(20..end).unwrap_or_default();
    let weighed = [100, 10, 1].iter().zip(fraction);
    let millis: u64 = weighed
        .map(|(weight, digit)| weight * u64::from(digit.wrapping_sub(b'0')))
        .sum();
    let in_range = marked(4, b'-')
        && marked(7, b'-')
        && marked(10, b'T')
        && marked(13, b':')
        && marked(16, b':')
        && (end == 19 || marked(19, b'.'))
        && fraction.iter().all(u8::is_ascii_digit)
        && marked(end, b'Z')
        && year >= 1970
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !in_range {
        return None;
    }
    // Days since 1970 in the Gregorian calendar, years counted from March.
    let y = if month <= 2 { year - 1 } else { year };
    let m = (month + 9) % 12;
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_with_more_to_it_is_said_by_whoever_said_it() {
        let mut event = Event::new(EventBody::Message(parlor_wire::event::Message {
            text: "Yes".to_owned(),
            postback: None,
        }));
        event.properties = Some(Default::default());
        let line = entry(
            TranscriptEntry {
                kind: "Agent".to_owned(),
                name: "Ada".to_owned(),
                content: "Yes".to_owned(),
                sequence: 3,
                event: Some(event),
                ..TranscriptEntry::default()
            },
            9,
        );
        assert!(matches!(line.author, Author::Agent(card) if card.name == "Ada"));
        assert_eq!(*line.body, Body::Text("Yes".to_owned()));
        assert_eq!(line.number, Some(3));
    }

    // After a reload they were said by nobody.
    #[test]
    fn a_card_is_said_by_its_author() {
        let card = json!({"id": "T_3", "type": "rich_message", "template_id": "cards",
            "elements": [{"title": "Blue"}], "author_id": "ada@example.com"});
        let line = entry(
            TranscriptEntry {
                kind: "OperatorTransferred".to_owned(),
                sequence: 3,
                agent_id: Some("ada@example.com".to_owned()),
                agent_name: Some("Ada".to_owned()),
                event: Some(serde_json::from_value(card).unwrap()),
                ..TranscriptEntry::default()
            },
            9,
        );
        assert!(matches!(line.author, Author::Agent(card) if card.name == "Ada"));
        assert!(matches!(*line.body, Body::Rich(_)));
    }

    // The server names the agent in each of them. The history said that the agent had closed what
    // the visitor had ended.
    #[test]
    fn an_end_says_who_ended_it() {
        for (kind, wanted) in [
            (
                "manual_archived_agent",
                Notice::Archived {
                    name: Some("Ada".to_owned()),
                },
            ),
            ("manual_archived_customer", Notice::EndedByVisitor),
            ("routing.archived_inactive", Notice::Archived { name: None }),
            (
                "routing.archived_disconnected",
                Notice::Archived { name: None },
            ),
        ] {
            let message = json!({"type": "system_message", "system_message_type": kind,
                "text": "Over", "text_vars": {"customer": "Ben", "agent": "Ada"}});
            let event: Event = serde_json::from_value(message).unwrap();
            assert_eq!(event_body(event.body), Body::Notice(wanted), "{kind}");
        }
    }

    #[test]
    fn variables_are_filled_in_once() {
        for (text, vars, wanted) in [
            ("{agent} left", json!({"agent": "Ada"}), "Ada left"),
            ("%agent% left", json!({"agent": "Ada"}), "Ada left"),
            (
                "{a} %b%",
                json!({"a": "{b} %b%", "b": "{a}"}),
                "{b} %b% {a}",
            ),
            ("{ 100% {a}", json!({"a": "é"}), "{ 100% é"),
            ("{nobody} %nobody%", json!({"a": "b"}), "{nobody} %nobody%"),
        ] {
            let message = json!({"type": "system_message", "system_message_type": "x",
                "text": text, "text_vars": vars});
            let event: Event = serde_json::from_value(message).unwrap();
            let told = Body::Notice(Notice::Text {
                text: wanted.into(),
            });
            assert_eq!(event_body(event.body), told, "{text}");
        }
    }

    #[test]
    fn moments() {
        assert_eq!(moment("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(
            moment("2017-10-12T15:19:21.010200Z"),
            Some(1_507_821_561_010)
        );
        assert_eq!(moment("1970-01-01T00:00:01.5Z"), Some(1_500));
        assert_eq!(
            moment("2024-02-29T23:59:59.999999Z"),
            Some(1_709_251_199_999)
        );
        for bad in [
            "",
            "2017-10-12",
            "2017-13-12T15:19:21Z",
            "x",
            "2017-10-12T15:19:21+01:00",
            "2017-10-12T15:19:21.é0Z",
            "2017-10-12T15:19:21.01",
            "2017-10-12T15:19:2 Z",
            "2017-10-12 15:19:21Z",
            "2017-10-12T15:19:61Z",
        ] {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }
}
