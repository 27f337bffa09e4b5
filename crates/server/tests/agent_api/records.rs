//! Records of the site, which visitors' answers find or make (Chat REST API,
//! `prechatEntities`).

use serde_json::{Value, json};

use crate::actors::{Console, TestServer, Visitor};

const EMAIL: &str = "jon@example.com";

fn detail(label: &str, value: &str) -> Value {
    json!({ "label": label, "value": value, "transcriptFields": [format!("c__{label}")],
        "displayToAgent": true })
}

/// A contact that is found by its e-mail address and made where there is none, and a case
/// that is always made, each as clients of the API ask for it.
fn contact_and_case() -> Value {
    json!([
        { "entityName": "Contact", "saveToTranscript": "ContactId", "showOnCreate": false,
          "linkToEntityName": "Case", "linkToEntityField": "ContactId",
          "entityFieldsMaps": [
            { "fieldName": "LastName", "label": "Name", "doFind": false, "isExactMatch": false, "doCreate": true },
            { "fieldName": "Email", "label": "E-mail", "doFind": true, "isExactMatch": true, "doCreate": true } ] },
        { "entityName": "Case", "saveToTranscript": "CaseId", "showOnCreate": true,
          "entityFieldMaps": [
            { "fieldName": "Subject", "label": "Topic", "doFind": false, "isExactMatch": false, "doCreate": true } ] },
    ])
}

fn asks(name: &str, email: &str) -> Value {
    json!({ "visitorName": name, "prechatEntities": contact_and_case(),
        "prechatDetails": [detail("Name", name), detail("E-mail", email), detail("Topic", "A cup")] })
}

/// A conversation, and its newest thread as agents see it.
async fn conversation(server: &TestServer, asks: Value) -> (Visitor, Value) {
    let visitor = Visitor::comes(server, asks).await;
    let chat = server.ada.chats().await.remove(0);
    let thread = server.ada.chat(&chat).await["thread"].clone();
    (visitor, thread)
}

/// Ends it, and returns what the visitor is told.
async fn told(visitor: &mut Visitor) -> Vec<String> {
    visitor.end().await;
    let polled = visitor.poll().await;
    let ended = polled.iter().find(|(kind, _)| kind == "ChatEnded").unwrap();
    let ids = ended.1["attachedRecords"].as_array().unwrap();
    ids.iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

fn entities(thread: &Value) -> Vec<&str> {
    let records = thread["records"].as_array().unwrap();
    records
        .iter()
        .map(|it| it["entity_name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn records_are_made_linked_and_shown_to_agents() {
    let server = TestServer::new().await;
    let address = server.listen().await;
    let mut console = Console::of(address, &server.ada.token).await;
    let (mut visitor, thread) = conversation(&server, asks("Jon", EMAIL)).await;
    let [contact, case] = [&thread["records"][0], &thread["records"][1]];
    assert_eq!(entities(&thread), ["Contact", "Case"]);
    assert_eq!(
        contact["fields"],
        json!([{ "name": "LastName", "label": "Name", "value": "Jon" },
            { "name": "Email", "label": "E-mail", "value": EMAIL }])
    );
    assert_eq!(contact["transcript_field"], "ContactId");
    assert!(contact.get("show_first").is_none() && contact.get("links").is_none());
    assert_eq!(case["show_first"], true);
    assert_eq!(
        case["links"],
        json!([{ "field_name": "ContactId", "id": contact["id"] }])
    );
    for record in [contact, case] {
        assert_eq!(record["origin"], "created");
    }
    assert_eq!(
        thread["transcript_fields"],
        json!({ "c__Name": "Jon", "c__E-mail": EMAIL, "c__Topic": "A cup" })
    );
    let pushed = console.next("incoming_chat").await;
    let pushed = &pushed["payload"]["chat"]["thread"];
    assert_eq!(pushed["records"], thread["records"]);
    assert_eq!(pushed["transcript_fields"], thread["transcript_fields"]);
    let told = told(&mut visitor).await;
    assert_eq!(json!(told), json!([contact["id"], case["id"]]));
    let archived = server.ada.act("list_archives", json!({})).await;
    assert_eq!(archived["chats"][0]["thread"]["records"], thread["records"]);
    for (id, record) in told.iter().zip([contact, case]) {
        assert_eq!(
            &server.ada.act("get_record", json!({ "id": id })).await,
            record
        );
    }
}

/// Whoever claims an address gets nothing by it.
#[tokio::test]
async fn a_record_that_is_found_is_neither_changed_nor_told() {
    let server = TestServer::new().await;
    let (mut first, made) = conversation(&server, asks("Jon Secret", EMAIL)).await;
    let first_told = told(&mut first).await;
    let claims = asks("Somebody", &format!(" {} ", EMAIL.to_uppercase()));
    let (mut other, found) = conversation(&server, claims).await;
    let contact = &found["records"][0];
    assert_eq!(contact["origin"], "found");
    assert_eq!(contact["record_id"], made["records"][0]["record_id"]);
    assert_eq!(contact["fields"], made["records"][0]["fields"]);
    assert_eq!(found["records"][1]["links"][0]["id"], contact["id"]);
    assert_ne!(
        found["records"][1]["record_id"],
        made["records"][1]["record_id"]
    );
    let other_told = told(&mut other).await;
    assert_eq!(
        json!(other_told),
        json!([contact["id"], found["records"][1]["id"]])
    );
    for id in &other_told {
        assert!(!first_told.contains(id), "the same record has another id");
    }
    let mut heard = Value::from(other.heard.clone()).to_string();
    heard += &other.session_data().await.to_string();
    for told in [&contact["id"], &found["records"][1]["id"]] {
        assert!(heard.contains(told.as_str().unwrap()), "{heard}");
    }
    let record_id = contact["record_id"].as_str().unwrap();
    assert!(
        !heard.contains("Jon Secret") && !heard.contains(record_id),
        "{heard}"
    );
    let later = server
        .ada
        .act("get_record", json!({ "id": first_told[0] }))
        .await;
    assert_eq!(later, made["records"][0], "it is as it was made");
}

/// What the visitor is told is the same, whether there is such a record or not.
#[tokio::test]
async fn nobody_finds_out_by_it_who_is_known() {
    let server = TestServer::new().await;
    let (mut first, _) = conversation(&server, asks("Jon", EMAIL)).await;
    told(&mut first).await;
    let map = |creates: bool, is_exact: bool| {
        json!([{ "fieldName": "Email", "label": "E-mail", "doFind": true,
            "isExactMatch": is_exact, "doCreate": creates }])
    };
    let contact = |map: Value| json!({ "entityName": "Contact", "entityFieldsMaps": map });
    for (entities, count) in [
        (json!([contact(map(false, true))]), 0),
        (json!([contact(map(false, false))]), 0),
        (json!([contact(map(true, true))]), 1),
        (json!([contact(map(true, false))]), 1),
        // Whether both are the same record cannot be seen either.
        (
            json!([contact(map(true, true)), contact(map(true, false))]),
            2,
        ),
    ] {
        let mut origins = Vec::new();
        for email in [EMAIL, "nobody@example.com"] {
            let mut asks = asks("Somebody", email);
            asks["prechatEntities"] = entities.clone();
            let (mut visitor, thread) = conversation(&server, asks).await;
            origins.push(thread["records"][0]["origin"].clone());
            let mut told = told(&mut visitor).await;
            told.sort();
            told.dedup();
            assert_eq!(told.len(), count, "{email} {entities}");
        }
        assert_ne!(origins[0], "created", "{entities}");
        assert_ne!(origins[0], Value::Null, "{entities}");
    }
}

#[tokio::test]
async fn a_beginning_finds_several_and_agents_choose() {
    let server = TestServer::new().await;
    for name in ["Jonas", "Jonathan", "Sue"] {
        let email = format!("{name}@example.com");
        let (mut visitor, _) = conversation(&server, asks(name, &email)).await;
        visitor.end().await;
    }
    let asks_for = |value: &str| {
        json!({ "prechatDetails": [detail("Who", value)], "prechatEntities": [
            { "entityName": "Contact", "saveToTranscript": "ContactId", "linkToEntityName": "Case",
              "linkToEntityField": "ContactId", "entityFieldsMaps": [
                { "fieldName": "LastName", "label": "Who", "doFind": true, "isExactMatch": "false", "doCreate": "false" } ] },
            { "entityName": "Case", "entityFieldsMaps": [
                { "fieldName": "Subject", "label": "Who", "doFind": false, "isExactMatch": false, "doCreate": true } ] },
        ] })
    };
    let (_, thread) = conversation(&server, asks_for("jon")).await;
    assert_eq!(entities(&thread), ["Contact", "Contact", "Case"]);
    for record in &thread["records"].as_array().unwrap()[..2] {
        assert_eq!(record["origin"], "found_by_prefix");
        assert!(
            record.get("transcript_field").is_none(),
            "it is not clear which"
        );
    }
    assert!(thread["records"][2].get("links").is_none());
    let (_, thread) = conversation(&server, asks_for("jonat")).await;
    assert_eq!(entities(&thread), ["Contact", "Case"]);
    assert_eq!(thread["records"][0]["fields"][0]["value"], "Jonathan");
    assert_eq!(thread["records"][0]["transcript_field"], "ContactId");
    assert_eq!(
        thread["records"][1]["links"][0]["id"],
        thread["records"][0]["id"]
    );
    let (_, thread) = conversation(&server, asks_for("jo")).await;
    assert_eq!(entities(&thread), ["Case"], "too short to look for");
}

/// As the documentation's example of `ChasitorInit` has it.
#[tokio::test]
async fn a_detail_alone_finds_a_record() {
    let server = TestServer::new().await;
    let (mut first, _) = conversation(&server, asks("Jon", EMAIL)).await;
    first.end().await;
    let mut email = detail("E-mail Address", EMAIL);
    email["entityFieldMaps"] = json!([{ "entityName": "Contact", "fieldName": "Email",
        "isFastFillable": false, "isAutoQueryable": true, "isExactMatchable": true }]);
    let (mut visitor, thread) = conversation(
        &server,
        json!({ "prechatDetails": [email], "prechatEntities": [] }),
    )
    .await;
    assert_eq!(entities(&thread), ["Contact"]);
    assert_eq!(thread["records"][0]["origin"], "found");
    assert!(told(&mut visitor).await.is_empty());
}

/// They help to find a record, and no agent sees them in it.
#[tokio::test]
async fn hidden_answers_are_hidden_in_records() {
    let server = TestServer::new().await;
    let hidden = || {
        let mut asks = asks("Jon", EMAIL);
        asks["prechatDetails"][1]["displayToAgent"] = json!(false);
        asks
    };
    for origin in ["created", "found"] {
        let (mut visitor, thread) = conversation(&server, hidden()).await;
        visitor.end().await;
        assert_eq!(thread["records"][0]["origin"], origin);
        assert_eq!(thread["records"][0]["fields"].as_array().unwrap().len(), 1);
        assert!(!thread.to_string().contains(EMAIL), "{thread}");
        assert_eq!(
            thread["transcript_fields"],
            json!({ "c__Name": "Jon", "c__Topic": "A cup" })
        );
    }
}

#[tokio::test]
async fn records_belong_to_the_conversations_of_the_agents_groups() {
    let server = TestServer::new().await;
    server.add_group(7, "Billing", "573billing").await;
    let eve = server.agent("Eve", &["Billing"]).await;
    let (mut visitor, thread) = conversation(&server, asks("Jon", EMAIL)).await;
    let id = thread["records"][0]["id"].clone();
    assert_eq!(
        server
            .ada
            .ask("get_record", json!({ "id": id }))
            .await
            .status,
        200
    );
    let refused = eve.fails("get_record", json!({ "id": id })).await;
    assert_eq!(refused, (403, "authorization".to_owned()));
    // The record's own id says nothing by itself, and neither does an unknown one.
    for id in [&thread["records"][0]["record_id"], &json!("x")] {
        let unknown = server.ada.fails("get_record", json!({ "id": id })).await;
        assert_eq!(unknown, (404, "not_found".to_owned()));
    }
    visitor.end().await;
}

#[tokio::test]
async fn a_message_that_is_left_makes_records_too() {
    let server = TestServer::new().await;
    let mut left = asks("Jon", EMAIL);
    left["prechatForm"] = json!({ "form_id": "f", "fields": [
        { "type": "email", "id": "email", "label": "E-mail", "answer": EMAIL },
        { "type": "name", "id": "name", "label": "Name", "answer": "Jon" } ] });
    left["offlineMessage"] = json!({ "text": "Call me", "customId": "0123456789abcdef" });
    for _ in 0..2 {
        let _visitor = Visitor::comes(&server, left.clone()).await;
    }
    let listed = server.ada.act("list_offline_messages", json!({})).await;
    assert_eq!(listed["total"], 1, "the second is a repeat");
    let message = &listed["messages"][0];
    let names = json!({ "chat_id": message["chat_id"], "thread_id": message["thread_id"] });
    let thread = server.ada.act("get_chat", names).await["thread"].clone();
    assert_eq!(entities(&thread), ["Contact", "Case"]);
}

/// In whatever way the visitor looks at their own conversations.
#[tokio::test]
async fn a_visitors_history_has_no_records() {
    let server = TestServer::new().await;
    let (mut visitor, thread) = conversation(&server, asks("Jon", EMAIL)).await;
    let id = thread["id"].as_str().unwrap();
    let history = visitor.history(id).await;
    assert_eq!(history["id"], id);
    for member in ["records", "transcript_fields"] {
        assert!(history.get(member).is_none(), "{history}");
    }
    visitor.end().await;
}
