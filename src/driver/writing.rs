//! From the words of the wire to JSON, member by member, as `reading.rs` does
//! the other way: only what the session says is written.
//!
//! Must stay true: `parlor-wire` reads here what was meant (the tests ask it).

mod custom;

pub(super) use custom::{said, state};

use parlor_session::{Answer as Kept, OutgoingEvent, Pending, Saved, SavedSession, Unsent};
use parlor_wire::{
    Loose,
    event::{Answer, FilledField, FilledForm},
    visitor::{ChasitorInit, ChatEnd, ChatMessage, CustomDetail, ResyncState, SneakPeek},
};

use super::reading;

pub(super) fn nothing() -> String {
    object(|_| {})
}

pub(super) fn message(from: &ChatMessage) -> String {
    object(|to| {
        to.text("text", &from.text);
        to.some("customId", from.custom_id.as_deref());
    })
}

pub(super) fn sneak_peek(from: &SneakPeek) -> String {
    object(|to| {
        to.raw("position", &from.position.to_string());
        to.text("text", &from.text);
    })
}

pub(super) fn resync(from: &ResyncState) -> String {
    object(|to| to.text("organizationId", &from.organization_id))
}

pub(super) fn chat_end(from: &ChatEnd) -> String {
    object(|to| to.some("reason", from.reason.as_deref()))
}

/// In a session, once there is one.
pub(super) fn init(from: &ChasitorInit, session_id: Option<&str>) -> String {
    object(|to| {
        to.text("organizationId", &from.organization_id);
        to.text("deploymentId", &from.deployment_id);
        to.text("buttonId", &from.button_id);
        to.some("sessionId", session_id);
        to.some("userAgent", from.user_agent.as_deref());
        to.some("language", from.language.as_deref());
        to.some("screenResolution", from.screen_resolution.as_deref());
        to.some("visitorName", from.visitor_name.as_deref());
        to.raw("prechatDetails", &list(&from.prechat_details, detail));
        to.raw("prechatEntities", "[]");
        to.raw(
            "buttonOverrides",
            &list(&from.button_overrides, |it| quoted(it)),
        );
        to.flag("receiveQueueUpdates", from.receive_queue_updates);
        to.flag("isPost", from.is_post);
        to.some("visitorId", from.visitor_id.as_deref());
        to.some("identityToken", from.identity_token.as_deref());
        if let Some(form) = &from.prechat_form {
            to.raw("prechatForm", &filled_form(form));
        }
        to.some("url", from.url.as_deref());
        to.some("referrer", from.referrer.as_deref());
    })
}

fn detail(from: &CustomDetail) -> String {
    object(|to| {
        to.text("label", &from.label);
        to.text("value", &from.value);
        to.raw("transcriptFields", "[]");
        to.flag("displayToAgent", from.display_to_agent == Some(true));
    })
}

fn filled_form(from: &FilledForm) -> String {
    object(|to| {
        to.raw("form_id", &loose(&from.form_id));
        to.some("form_type", from.form_type.as_deref());
        to.raw("fields", &list(&from.fields, filled_field));
    })
}

fn filled_field(from: &FilledField) -> String {
    object(|to| {
        to.text("type", from.kind.as_str());
        to.raw("id", &loose(&from.id));
        to.text("label", &from.label);
        if let Some(given) = &from.answer {
            to.raw("answer", &answer(given));
        }
        if let Some(given) = &from.answers {
            to.raw("answers", &list(given, answer));
        }
    })
}

fn answer(from: &Answer) -> String {
    match from {
        Answer::Choice(choice) => object(|to| {
            to.raw("id", &loose(&choice.id));
            to.text("label", &choice.label);
            if let Some(group) = choice.group_id {
                to.raw("group_id", &group.to_string());
            }
        }),
        other => quoted(other.text().unwrap_or_default()),
    }
}

pub(super) fn saved(from: &Saved) -> String {
    object(|to| {
        to.some("visitor_id", from.visitor_id.as_deref());
        if let Some(session) = &from.session {
            to.raw("session", &saved_session(session));
        }
        if let Some(opening) = &from.opening {
            to.raw("opening", &init(opening, None));
        }
        to.raw("outbox", &list(&from.outbox, pending));
        to.raw("unsent", &list(&from.unsent, unsent));
        to.text("draft", &from.draft);
        to.raw("term", &from.term.to_string());
    })
}

/// The term of what `saved` wrote, where it stands last: it is looked at each
/// time that something is kept.
pub(super) fn term(saved: &str) -> Option<u64> {
    let (_, term) = saved.rsplit_once(':')?;
    term.strip_suffix('}')?.parse().ok()
}

fn saved_session(from: &SavedSession) -> String {
    object(|to| {
        to.text("id", &from.id);
        to.text("key", &from.key);
        to.raw("poll_timeout", &from.poll_timeout.to_string());
        if let Some(offset) = from.offset {
            to.raw("offset", &offset.to_string());
        }
        if let Some(it) = &from.init {
            to.raw("init", &init(it, None));
        }
        to.flag("end", from.end);
    })
}

pub(super) fn pending(from: &Pending) -> String {
    object(|to| {
        to.text("custom_id", &from.custom_id);
        to.text("text", &from.text);
        to.raw("at", &from.at.to_string());
        to.raw("event", &kept_event(&from.event));
        to.text("sent_in_session", &from.sent_in_session);
    })
}

/// As `parlor-session` derives it.
fn kept_event(from: &OutgoingEvent) -> String {
    let (name, json) = match from {
        OutgoingEvent::Text => return quoted("Text"),
        OutgoingEvent::Postback(it) => ("Postback", custom::postback(it)),
        OutgoingEvent::Filled(it) => ("Filled", filled_form(it)),
        OutgoingEvent::File(it) => ("File", custom::file(it)),
        OutgoingEvent::Custom(it) => ("Custom", quoted(it)),
    };
    object(|to| to.raw(name, &json))
}

fn unsent(from: &Unsent) -> String {
    let known = reading::REASONS.iter();
    let named = known.clone().find(|(_, reason)| *reason == from.because);
    object(|to| {
        to.raw("message", &pending(&from.message));
        to.some("because", named.map(|(name, _)| *name));
    })
}

/// The answers of the pre-chat form, for the tab to keep.
pub(super) fn answers(from: &[Kept]) -> String {
    object(|to| {
        for answer in from {
            let values = list(&answer.values, |value| quoted(value));
            to.raw(&answer.field_id, &values);
        }
    })
}

/// The members of a JSON object, as they are written.
struct Members(String);

impl Members {
    /// Goes on where another object, a JSON text or nothing, ends.
    fn begin(with: &str) -> Self {
        Self(match with.strip_suffix('}') {
            Some(open) => open.to_owned(),
            None => "{".to_owned(),
        })
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    /// A member whose value is JSON already.
    fn raw(&mut self, key: &str, json: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&quoted(key));
        self.0.push(':');
        self.0.push_str(json);
    }

    fn text(&mut self, key: &str, text: &str) {
        self.raw(key, &quoted(text));
    }

    /// None is left out.
    fn some(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn flag(&mut self, key: &str, flag: bool) {
        self.raw(key, if flag { "true" } else { "false" });
    }
}

fn object(write: impl FnOnce(&mut Members)) -> String {
    let mut members = Members::begin("");
    write(&mut members);
    members.end()
}

fn list<T>(from: &[T], write: impl Fn(&T) -> String) -> String {
    let items: Vec<String> = from.iter().map(write).collect();
    format!("[{}]", items.join(","))
}

fn loose(from: &Loose) -> String {
    match from {
        Loose::Text(text) => quoted(text),
        Loose::Number(number) => number.as_i64().unwrap_or_default().to_string(),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '\0'..='\u{1f}' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlor_wire::event::{Choice, FieldKind, File};
    use serde_json::{Value, json};

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn request() -> ChasitorInit {
        ChasitorInit {
            organization_id: "O".into(),
            deployment_id: "D".into(),
            button_id: "B".into(),
            visitor_name: Some("Ada \"Countess\" \\ \n é😀\u{1}".into()),
            prechat_details: vec![CustomDetail {
                label: "Name".into(),
                value: "Ada".into(),
                display_to_agent: Some(true),
                ..CustomDetail::default()
            }],
            button_overrides: vec!["573".into()],
            receive_queue_updates: true,
            is_post: true,
            prechat_form: Some(FilledForm {
                form_id: Loose::from(7),
                form_type: Some("prechat".into()),
                fields: vec![FilledField {
                    kind: FieldKind::Checkbox,
                    id: Loose::from("c"),
                    label: "About".into(),
                    answer: Some(Answer::Text("x".into())),
                    answers: Some(vec![Answer::Choice(Choice {
                        id: Loose::from("a"),
                        label: "A".into(),
                        group_id: Some(3),
                    })]),
                }],
            }),
            ..ChasitorInit::default()
        }
    }

    #[test]
    fn the_request_is_what_wire_would_write() {
        let wire = ChasitorInit {
            session_id: Some("S".into()),
            ..request()
        };
        let wire = serde_json::to_value(wire).unwrap();
        assert_eq!(value(&init(&request(), Some("S"))), wire);
    }

    #[test]
    fn the_other_bodies_are_what_wire_would_write() {
        let said = ChatMessage {
            text: "Hi \"you\"\n".into(),
            custom_id: Some("n-1".into()),
        };
        assert_eq!(value(&message(&said)), serde_json::to_value(&said).unwrap());
        let peek = SneakPeek {
            position: 3,
            text: "H".into(),
        };
        assert_eq!(
            value(&sneak_peek(&peek)),
            serde_json::to_value(&peek).unwrap()
        );
        let end = ChatEnd {
            kind: None,
            reason: Some("client".into()),
        };
        assert_eq!(value(&chat_end(&end)), serde_json::to_value(&end).unwrap());
        assert_eq!(value(&nothing()), json!({}));
    }

    #[test]
    fn what_the_device_keeps_comes_back_whole() {
        let with = |event: OutgoingEvent| Pending {
            custom_id: "n-2".into(),
            event,
            ..Pending::default()
        };
        let file: File =
            serde_json::from_value(json!({"url": "https://a.example/f", "name": "f.png",
            "content_type": "image/png", "size": 3, "width": 1, "height": 2}))
            .unwrap();
        let postback =
            serde_json::from_value(json!({"id": "b", "thread_id": "T", "event_id": "T_2",
            "type": "message", "value": "Yes"}))
            .unwrap();
        let kept = Saved {
            visitor_id: Some("v".into()),
            session: Some(SavedSession {
                id: "S".into(),
                key: "K!=".into(),
                poll_timeout: 40_000,
                offset: Some(71),
                init: Some(request().into()),
                end: true,
            }),
            opening: Some(request().into()),
            outbox: vec![
                with(OutgoingEvent::Custom(r#"{"a":1}"#.into())),
                with(OutgoingEvent::Filled(
                    request().prechat_form.unwrap().into(),
                )),
                with(OutgoingEvent::File(file.into())),
                with(OutgoingEvent::Postback(postback)),
                Pending {
                    custom_id: "n-1".into(),
                    text: "Hi".into(),
                    at: 7,
                    ..Pending::default()
                },
            ],
            unsent: reading::REASONS
                .into_iter()
                .map(|(_, because)| Unsent {
                    message: Pending {
                        custom_id: "n-0".into(),
                        text: "Ho".into(),
                        at: 3,
                        ..Pending::default()
                    },
                    because,
                })
                .collect(),
            draft: "half a".into(),
            term: 4,
        };
        assert_eq!(reading::saved(&value(&saved(&kept))), kept);
        assert_eq!(term(&saved(&kept)), Some(4));
        assert_eq!(value(&saved(&kept)), serde_json::to_value(&kept).unwrap());
        let given = [Kept {
            field_id: "c".into(),
            values: vec!["0".into(), "1".into()],
        }];
        assert_eq!(reading::answers(&value(&answers(&given))), given);
    }
}
