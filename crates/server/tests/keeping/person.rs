//! A person of whom everything is stored that can be: handed out, then erased.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    program::{Server, parlor},
    site::{Folder, Visitor, stdout},
};

/// Mails wait: nobody listens there. There is a goal.
const MAIL: &str = "[[goal]]\nname = \"Jam sold\"\n[mail]\nfrom = \"Hats <team@hats.example>\"\nhost = \"127.0.0.1\"\nport = 9\n\
    security = \"none\"\nalerts = [\"ada@example.com\"]\n";

/// Words that are nowhere but in what the person has written or brought along, in small letters.
/// Each is in what is named beside it.
const WORDS: [&str; 19] = [
    "zwetschge",     // name
    "quittenmail",   // e-mail
    "4915799901",    // phone
    "mirabelle",     // messages
    "brombeere",     // answers in the form
    "holunder",      // a record
    "sanddorn",      // the bytes of a file
    "schlehe",       // the name of a file
    "hagebutte",     // the comment of the rating
    "berberitze",    // a page
    "kornelkirsche", // the page before
    "felsenbirne",   // an agent's answer
    "maulbeere",     // an agent's note
    "vogelbeere",    // a file that was uploaded and not sent
    "stachelbeere",  // a message that was left
    "johannisbeere", // a session field
    "preiselbeere",  // a tag
    "moltebeere",    // a property
    "blaubeere",     // what an agent has pressed
];

/// The words that are in the raw bytes of any file of the folder.
fn found_in(folder: &Path) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // What is deleted meanwhile has no words.
            let bytes = fs::read(&path).unwrap_or_default().to_ascii_lowercase();
            let has = |word: &&&str| memchr(&bytes, word.as_bytes());
            found.extend(WORDS.iter().filter(has).copied());
        }
    }
    found
}

fn memchr(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

fn init(visitor_id: Option<&str>) -> Value {
    let detail = |label: &str, value: &str| {
        json!({ "label": label, "value": value, "transcriptFields": [format!("c__{label}")],
            "displayToAgent": true })
    };
    let answer = |kind: &str, label: &str, answer: &str| json!({ "type": kind, "id": label, "label": label, "answer": answer });
    let map = |field: &str, label: &str| {
        json!({ "fieldName": field, "label": label, "doFind": false, "isExactMatch": false,
            "doCreate": true })
    };
    json!({
        "visitorName": "Zwetschge Zuckerbrot",
        "visitorId": visitor_id,
        "prechatForm": { "form_id": "prechat", "fields": [
            answer("name", "name", "Zwetschge Zuckerbrot"),
            answer("email", "email", "Quittenmail@example.com"),
            answer("question", "question", "Brombeere or not?"),
        ] },
        "prechatDetails": [
            detail("E-mail", "Quittenmail@example.com"),
            detail("Phone", "+4915799901"),
            detail("Topic", "Holunder"),
        ],
        "prechatEntities": [{ "entityName": "Case", "saveToTranscript": "CaseId",
            "showOnCreate": true, "entityFieldMaps": [map("Subject", "Topic")] }],
        "url": "https://shop.example/berberitze",
        "referrer": "https://search.example/?q=kornelkirsche",
    })
}

/// Returns the customer's id.
fn converse(folder: &Folder, server: &Server) -> String {
    let act = |action: &str, payload: Value| folder.act(server, action, &payload);
    let mut visitor = Visitor::comes(folder, server, &init(None));
    let chats = act("list_chats", json!({}));
    let chat = chats["chats_summary"][0].clone();
    let (chat_id, customer) = (chat["id"].clone(), chat["users"][0]["id"].clone());
    let agent = folder.site["agentId"].clone();
    act(
        "add_user_to_chat",
        json!({ "chat_id": chat_id, "user_id": agent, "user_type": "agent" }),
    );
    // Long enough that the database moves rows from page to page.
    for n in 0..150 {
        let text = format!("{n} mirabelle {}", "and more words ".repeat(n % 40));
        visitor.post(server, "ChatMessage", &json!({ "text": text }));
        if n % 10 == 0 {
            let event = json!({ "type": "message", "text": "Felsenbirne, dear Zwetschge" });
            act("send_event", json!({ "chat_id": chat_id, "event": event }));
        }
    }
    let note = json!({ "type": "message", "text": "Maulbeere!", "visibility": "agents" });
    act("send_event", json!({ "chat_id": chat_id, "event": note }));
    let buttons = json!([{ "text": "Blaubeere", "postback_id": "blaubeere" }]);
    let rich = json!({ "type": "rich_message", "template_id": "cards",
        "elements": [{ "title": "Which?", "buttons": buttons }] });
    act("send_event", json!({ "chat_id": chat_id, "event": rich }));
    visitor.post(server, "ChasitorTyping", &json!({}));
    visitor.sends_file(server, "schlehe.txt", "the bytes have a sanddorn in them");
    visitor.uploads(server, "vogelbeere.txt", "vogelbeere");
    let fields = json!({ "session_fields": [{ "plan": "johannisbeere" }] });
    visitor.event(server, "session_fields", &fields);
    visitor.event(
        server,
        "rating",
        &json!({ "score": "good", "comment": "hagebutte" }),
    );
    visitor.event(
        server,
        "transcript_request",
        &json!({ "email": "quittenmail@example.com" }),
    );
    let thread = act("get_chat", json!({ "chat_id": chat_id }))["thread"]["id"].clone();
    act(
        "tag_thread",
        json!({ "chat_id": chat_id, "thread_id": thread, "tag": "preiselbeere" }),
    );
    let properties = json!({ "moltebeere": { "moltebeere": "moltebeere" } });
    act(
        "update_chat_properties",
        json!({ "id": chat_id, "properties": properties }),
    );
    visitor.reaches(server, "Jam sold");
    visitor.post(server, "ChatEnd", &json!({ "reason": "client" }));
    customer.as_str().unwrap().to_owned()
}

#[test]
fn nothing_of_a_person_is_left_in_the_folder() {
    let folder = Folder::new(MAIL);
    let server = folder.serve();
    let customer = converse(&folder, &server);
    // Somebody else, who stays.
    let mut other = Visitor::comes(&folder, &server, &json!({ "visitorName": "Bea" }));
    other.post(&server, "ChatMessage", &json!({ "text": "pomegranate" }));
    let kept = other.sends_file(&server, "kept.txt", "pomegranate bytes");
    leave_message(&folder, &server);

    let missing: Vec<&&str> = {
        let found = found_in(folder.path());
        WORDS.iter().filter(|word| !found.contains(*word)).collect()
    };
    assert!(missing.is_empty(), "never stored: {missing:?}");

    let printed = folder.run(&["customer", "erase", &customer]);
    assert!(printed.starts_with(&customer), "{printed}");
    assert!(
        printed.contains("erased  conversations 1  files 2"),
        "{printed}"
    );
    // The message was left by another device.
    let printed = folder.run(&["customer", "erase", "QUITTENMAIL@example.com"]);
    assert!(printed.contains("conversations 1"), "{printed}");
    assert_eq!(
        found_in(folder.path()),
        BTreeSet::new(),
        "while the server runs"
    );

    let chats = folder.act(&server, "list_chats", &json!({}));
    assert_eq!(chats["chats_summary"].as_array().unwrap().len(), 1);
    assert_eq!(server.get(&kept, &[]).0, 200);
    let output = parlor(folder.path(), &["customer", "erase", &customer]).output();
    assert_eq!(output.unwrap().status.code(), Some(1), "nobody is left");
    drop(server);
    assert_eq!(found_in(folder.path()), BTreeSet::new(), "after kill -9");
    // A server that is started again has everything of the others.
    let server = folder.serve();
    let chats = folder.act(&server, "list_chats", &json!({}));
    let chat = &chats["chats_summary"][0]["id"];
    let chat = folder.act(&server, "get_chat", &json!({ "chat_id": chat }));
    assert!(chat.to_string().contains("pomegranate"));
}

/// The same person on another device, while nobody is there.
fn leave_message(folder: &Folder, server: &Server) {
    folder.act(
        server,
        "set_routing_status",
        &json!({ "status": "offline" }),
    );
    let mut init = init(None);
    init["offlineMessage"] =
        json!({ "text": "Stachelbeere, please", "customId": "a-random-id-of-16" });
    Visitor::comes(folder, server, &init);
}

#[test]
fn without_a_server_the_command_erases_by_itself() {
    let folder = Folder::new(MAIL);
    let server = folder.serve();
    converse(&folder, &server);
    drop(server);
    assert!(!found_in(folder.path()).is_empty());
    folder.run(&["customer", "erase", "quittenmail@example.com"]);
    assert_eq!(found_in(folder.path()), BTreeSet::new());
}

#[test]
fn everything_of_a_person_is_handed_out() {
    let folder = Folder::new(MAIL);
    let server = folder.serve();
    let customer = converse(&folder, &server);
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("export");
    let to = out.to_str().unwrap();
    let printed = folder.run(&["customer", "export", &customer, "--out", to]);
    assert!(printed.contains("files 1"), "{printed}");
    // All that the person knows, and what was noted of them. A file that was not sent is in no
    // conversation, and "stachelbeere" was never said here.
    let mut expected: BTreeSet<&str> = WORDS.into();
    expected.remove("vogelbeere");
    expected.remove("stachelbeere");
    let mut found = found_in(&out);
    let names = Command::new("find").arg(&out).output().unwrap();
    if stdout(&names).contains("schlehe.txt") {
        found.insert("schlehe");
    }
    assert_eq!(found, expected);

    let document = fs::read(out.join("customer.json")).unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(document["customer"]["email"], "Quittenmail@example.com");
    let conversation = &document["conversations"][0];
    let events = conversation["events"].as_array().unwrap();
    let notes: Vec<&Value> = events
        .iter()
        .filter(|event| event["visibility"] == "agents")
        .collect();
    assert!(notes.iter().any(|it| it["text"] == "Maulbeere!"));
    assert_eq!(conversation["conversions"][0]["goal"], "Jam sold");
    let text = document.to_string();
    for secret in ["key_hash", "visitor_hash", "token_hash"] {
        assert!(!text.contains(secret), "{secret}");
    }
    // By the API it is the same document, with whole addresses.
    let mut told = folder.act(&server, "export_customer", &json!({ "id": customer }));
    told["exported_at"] = document["exported_at"].clone();
    let base = format!("http://{}", server.address);
    assert!(told.to_string().contains(&base));
    assert_eq!(told.to_string().replace(&base, "").len(), text.len());

    // Nothing is written over.
    let words = ["customer", "export", &customer, "--out", to];
    let output = parlor(folder.path(), &words).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&out), mode(&out.join("customer.json"))),
            (0o700, 0o600)
        );
    }
}
