//! Request bodies: content types, sizes, and errors.

use parlor_wire::limits::{MULTI_NOUN_BODY_MAX_BYTES, VISITOR_BODY_MAX_BYTES};
use serde_json::json;

use crate::server::{TestRequest, TestServer};

const SECRET: &str = "my secret words";

#[tokio::test(start_paused = true)]
async fn content_types_are_ignored() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    let kinds = [
        None,
        Some("text/plain"),
        Some("text/plain;charset=UTF-8"),
        Some("application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data"),
        Some("*/*"),
        Some(""),
        Some("nonsense"),
    ];
    for kind in kinds {
        let mut request = visitor
            .signed(TestRequest::post(
                "Chasitor/ChatMessage",
                r#"{"text":"hi"}"#,
            ))
            .header("accept", "image/png");
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        request.send_to(&server.router).await.ok();
    }
    assert_eq!(agent.log(&chat).await.len(), kinds.len());
}

#[tokio::test(start_paused = true)]
async fn a_text_of_16_kib_is_taken_and_a_byte_more_is_not() {
    let server = TestServer::new().await;
    let (mut visitor, agent, chat) = server.visitor_with_agent().await;
    // The limit is in bytes of UTF-8, not in characters.
    let whole = "ä".repeat(8 * 1024);
    visitor.say(&whole).await.ok();
    let answer = visitor.say(&format!("{whole}x")).await.status(400);
    assert!(answer.text.contains("16384"), "{}", answer.text);
    assert!(!answer.text.contains('ä'));
    visitor.say(&"x".repeat(16 * 1024 + 1)).await.status(400);
    let peek = json!({ "position": 1, "text": "x".repeat(16 * 1024 + 1) });
    visitor.post("ChasitorSneakPeek", peek).await.status(400);
    assert_eq!(agent.log(&chat).await, [whole]);
}

/// As an ASCII-only JSON encoder writes it.
#[tokio::test(start_paused = true)]
async fn the_longest_text_fits_also_as_escapes() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    let body = format!(r#"{{"text":"{}"}}"#, "\\u00e4".repeat(8 * 1024));
    visitor
        .signed(TestRequest::post("Chasitor/ChatMessage", body))
        .send_to(&server.router)
        .await
        .ok();
    assert_eq!(agent.log(&chat).await, ["ä".repeat(8 * 1024)]);
}

#[tokio::test(start_paused = true)]
async fn a_body_over_its_limit_is_413() {
    let server = TestServer::new().await;
    let (visitor, _agent, _chat) = server.visitor_with_agent().await;
    let padded = |bytes: usize| {
        let mut body = br#"{"text":"hi"}"#.to_vec();
        body.resize(bytes, b' ');
        body
    };
    let request = |path: &str, bytes: usize| visitor.signed(TestRequest::post(path, padded(bytes)));
    for path in ["Chasitor/ChatMessage", "Visitor/Breadcrumb"] {
        request(path, VISITOR_BODY_MAX_BYTES + 1)
            .send_to(&server.router)
            .await
            .status(413);
    }
    request("Chasitor/ChatMessage", VISITOR_BODY_MAX_BYTES)
        .send_to(&server.router)
        .await
        .ok();
    request("System/MultiNoun", MULTI_NOUN_BODY_MAX_BYTES + 1)
        .send_to(&server.router)
        .await
        .status(413);
    // It is read completely, and is no valid MultiNoun.
    request("System/MultiNoun", MULTI_NOUN_BODY_MAX_BYTES)
        .send_to(&server.router)
        .await
        .status(400);
}

#[tokio::test(start_paused = true)]
async fn a_broken_body_is_400_and_says_what_was_wrong() {
    let server = TestServer::new().await;
    let (visitor, agent, chat) = server.visitor_with_agent().await;
    for (noun, body, told) in [
        ("ChatMessage", r#"{text:"my secret words"}"#, "not JSON"),
        (
            "ChatMessage",
            r#"{"text":"my secret words"#,
            "ends too early",
        ),
        (
            "ChatMessage",
            r#"{"text":["my secret words"]}"#,
            "in `text`, expected a string",
        ),
        (
            "ChatMessage",
            r#"{"my secret words":1}"#,
            "missing field `text`",
        ),
        ("ChatMessage", r#""my secret words""#, "expected"),
        ("ChatMessage", "my secret words", "not JSON"),
        ("ChatMessage", "", "ends too early"),
        ("ChatMessage", "null", "expected"),
        (
            "CustomEvent",
            r#"{"data":"my secret words"}"#,
            "missing field `type`",
        ),
        (
            "ChasitorSneakPeek",
            r#"{"position":"my secret words","text":""}"#,
            "in `position`",
        ),
        (
            "ChasitorIdleTimeoutWarningEvent",
            r#"{"idleTimeoutWarningEvent":"my secret words"}"#,
            "idleTimeoutWarningEvent",
        ),
        (
            "ChatEnd",
            r#"{"reason":["my secret words"]}"#,
            "in `reason`",
        ),
        (
            "ChasitorResyncState",
            r#"{"organizationId":["my secret words"]}"#,
            "in `organizationId`",
        ),
    ] {
        let request = visitor.signed(TestRequest::post(&format!("Chasitor/{noun}"), body));
        let answer = request.send_to(&server.router).await.status(400);
        assert!(answer.text.contains(told), "{noun} {body}: {}", answer.text);
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
    let mut other = server.visitor().await;
    for (member, told) in [
        (json!({ "visitorName": { SECRET: 1 } }), "visitorName"),
        (json!({ "visitorName": SECRET.repeat(100) }), "visitorName"),
        (
            json!({ "prechatDetails": [{ "value": SECRET }] }),
            "prechatDetails[0]",
        ),
        (
            json!({ "prechatDetails": [{ "label": "a", "value": SECRET.repeat(2000) }] }),
            "prechatDetails[0]",
        ),
        (
            json!({ "prechatDetails": vec![json!({ "label": "a", "value": "" }); 51] }),
            "prechatDetails",
        ),
        (
            json!({ "prechatDetails": [{ "label": "a", "transcriptFields": vec![SECRET; 51] }] }),
            "prechatDetails[0]",
        ),
        (
            json!({ "prechatDetails": [{ "label": "a", "entityMaps": vec![json!({}); 51] }] }),
            "prechatDetails[0]",
        ),
        (
            json!({ "prechatEntities": vec![json!({ "entityName": "a" }); 51] }),
            "prechatEntities",
        ),
        (
            json!({ "prechatEntities": [{ "entityName": "a", "entityMaps": vec![json!({}); 51] }] }),
            "prechatEntities[0]",
        ),
        (
            json!({ "buttonOverrides": vec![SECRET; 101] }),
            "buttonOverrides",
        ),
    ] {
        let answer = other.init_with(member).await.status(400);
        assert!(answer.text.contains(told), "{}", answer.text);
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
    assert!(agent.log(&chat).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn bodies_without_fields_may_be_empty() {
    let server = TestServer::new().await;
    let (visitor, _agent, _chat) = server.visitor_with_agent().await;
    for body in ["", "{}", "null", "undefined", " "] {
        for noun in ["ChasitorTyping", "ChasitorNotTyping"] {
            let request = visitor.signed(TestRequest::post(&format!("Chasitor/{noun}"), body));
            request.send_to(&server.router).await.ok();
        }
    }
    for noun in ["ChasitorResyncState", "ChatEnd"] {
        let request = visitor.signed(TestRequest::post(&format!("Chasitor/{noun}"), ""));
        request.send_to(&server.router).await.ok();
    }
}

#[tokio::test(start_paused = true)]
async fn unknown_fields_are_ignored() {
    let server = TestServer::new().await;
    let mut visitor = server.visitor().await;
    let other = json!({ "newThing": { "deep": [1] }, "pc": 3 });
    visitor.init_with(other).await.ok();
    let agent = server.agent();
    let chat = agent.accept().await;
    let message = json!({ "text": "hi", "schedule": { "responseDelayMilliseconds": 0 } });
    visitor.post("ChatMessage", message).await.ok();
    assert_eq!(agent.log(&chat).await, ["hi"]);
}

#[tokio::test(start_paused = true)]
async fn the_prechat_maps_come_in_three_spellings() {
    for spelling in ["entityFieldMaps", "entityFieldsMaps", "entityMaps"] {
        let server = TestServer::new().await;
        let mut visitor = server.visitor().await;
        let map = json!([{ "entityName": "Contact", "fieldName": "Email",
            "isFastFillable": false, "isAutoQueryable": true, "isExactMatchable": true }]);
        let entity = json!([{ "fieldName": "Email", "label": "E-mail Address",
            "doFind": true, "isExactMatch": true, "doCreate": true }]);
        let init = json!({
            "prechatDetails": [{ "label": "E-mail Address", "value": "jon@example.com",
                spelling: map, "transcriptFields": ["c__EmailAddress"], "displayToAgent": true }],
            "prechatEntities": [{ "entityName": "Contact", "showOnCreate": true,
                "linkToEntityName": null, "linkToEntityField": null,
                "saveToTranscript": "Contact", spelling: entity }],
        });
        visitor.init_with(init).await.ok();
        let success = visitor.poll().await.message("ChatRequestSuccess");
        let detail = &success["customDetails"][0];
        assert_eq!(detail["value"], "jon@example.com");
        assert_eq!(detail["entityFieldMaps"][0]["fieldName"], "Email");
        let agent = server.agent();
        let chat = agent.accept().await;
        let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
        let customer = &shown["users"][0];
        assert_eq!(customer["email"], "jon@example.com");
        let field = json!({ "E-mail Address": "jon@example.com" });
        assert_eq!(customer["session_fields"][0], field);
    }
}

#[tokio::test(start_paused = true)]
async fn an_init_may_lack_optional_fields() {
    let server = TestServer::new().await;
    let visitor = server.visitor().await;
    let init = json!({
        "organizationId": server.site.organization_id,
        "deploymentId": server.site.deployment_id,
        "buttonId": server.site.button_id,
        "agentId": "",
        "doFallback": "true",
        "visitorName": null,
        "prechatDetails": null,
        "buttonOverrides": null,
    });
    let request = visitor.signed(TestRequest::post("Chasitor/ChasitorInit", init.to_string()));
    request.send_to(&server.router).await.ok();
    assert_eq!(server.agent().waiting().await.len(), 1);
}
