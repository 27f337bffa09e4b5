//! The interface of the chat session webhook, as a schema (`chat_session.ts`).

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::receiver::Received;

pub(crate) struct Interface(Validator);

impl Interface {
    pub(crate) fn load() -> Self {
        let schema = include_str!("chat_session.schema.json");
        let schema: Value = serde_json::from_str(schema).unwrap();
        Self(jsonschema::validator_for(&schema).unwrap())
    }

    #[track_caller]
    pub(crate) fn check(&self, received: &Received) {
        let payload = received.json();
        let problems: Vec<String> = self
            .0
            .iter_errors(&payload)
            .map(|error| format!("{}: {error}", error.instance_path))
            .collect();
        assert!(problems.is_empty(), "{problems:?} in {payload}");
    }
}

/// A schema that takes everything would prove nothing.
#[test]
fn the_schema_refuses_what_the_interface_does() {
    let user = json!({"entityId": 1, "name": "Jon", "userId": "s~c~1",
        "company": {"entityId": 0, "name": "", "identifier": ""}});
    let good = json!({"id": "T", "name": "", "type": "request", "status": "created",
        "pastStatus": [], "creator": user, "users": [], "participants": [],
        "report": {"creatorWaited": 0, "handledDateTime": "", "chatDuration": 0},
        "closedDateTime": "", "lastModifiedDateTime": ""});
    let interface = Interface::load();
    assert!(interface.0.is_valid(&json!([good])));
    assert!(!interface.0.is_valid(&good), "no array");
    for (member, value) in [
        ("status", json!("queued")),
        ("type", json!("chat")),
        ("report", json!({})),
        ("closedDateTime", json!(null)),
        (
            "creator",
            json!({"entityId": 1, "name": "Jon", "userId": "s~c~1"}),
        ),
        ("users", json!(null)),
        ("somethingElse", json!(1)),
        ("callback", json!({"type": "fax"})),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        assert!(!interface.0.is_valid(&json!([bad])), "{member}");
    }
}
