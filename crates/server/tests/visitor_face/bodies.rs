//! What a body may be called, how large it may be, and what is said of one
//! that cannot be read.

use parlor_wire::limits::{MULTI_NOUN_BODY_MAX_BYTES, VISITOR_BODY_MAX_BYTES};
use serde_json::json;

use crate::world::{Ask, World};

const SECRET: &str = "my secret words";

#[tokio::test(start_paused = true)]
async fn content_types_are_never_looked_at() {
    let world = World::new().await;
    let (visitor, agent, chat) = world.talking().await;
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
        let mut ask = visitor
            .signed(Ask::post("Chasitor/ChatMessage", r#"{"text":"hi"}"#))
            .header("accept", "image/png");
        if let Some(kind) = kind {
            ask = ask.header("content-type", kind);
        }
        ask.of(&world.router).await.ok();
    }
    assert_eq!(agent.log(&chat).await.len(), kinds.len());
}

#[tokio::test(start_paused = true)]
async fn a_text_of_16_kib_is_taken_and_a_byte_more_is_not() {
    let world = World::new().await;
    let (mut visitor, agent, chat) = world.talking().await;
    // Bytes of UTF-8, not characters.
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

/// As an encoder that writes ASCII only does.
#[tokio::test(start_paused = true)]
async fn the_longest_text_fits_also_as_escapes() {
    let world = World::new().await;
    let (visitor, agent, chat) = world.talking().await;
    let body = format!(r#"{{"text":"{}"}}"#, "\\u00e4".repeat(8 * 1024));
    visitor
        .signed(Ask::post("Chasitor/ChatMessage", body))
        .of(&world.router)
        .await
        .ok();
    assert_eq!(agent.log(&chat).await, ["ä".repeat(8 * 1024)]);
}

#[tokio::test(start_paused = true)]
async fn a_body_over_its_limit_is_413() {
    let world = World::new().await;
    let (visitor, _agent, _chat) = world.talking().await;
    let padded = |bytes: usize| {
        let mut body = br#"{"text":"hi"}"#.to_vec();
        body.resize(bytes, b' ');
        body
    };
    let ask = |path: &str, bytes: usize| visitor.signed(Ask::post(path, padded(bytes)));
    for path in ["Chasitor/ChatMessage", "Visitor/Breadcrumb"] {
        ask(path, VISITOR_BODY_MAX_BYTES + 1)
            .of(&world.router)
            .await
            .status(413);
    }
    ask("Chasitor/ChatMessage", VISITOR_BODY_MAX_BYTES)
        .of(&world.router)
        .await
        .ok();
    ask("System/MultiNoun", MULTI_NOUN_BODY_MAX_BYTES + 1)
        .of(&world.router)
        .await
        .status(413);
    // Read whole, and then found not to be a MultiNoun.
    ask("System/MultiNoun", MULTI_NOUN_BODY_MAX_BYTES)
        .of(&world.router)
        .await
        .status(400);
}

#[tokio::test(start_paused = true)]
async fn a_broken_body_is_400_and_says_what_was_wrong() {
    let world = World::new().await;
    let (visitor, agent, chat) = world.talking().await;
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
        let ask = visitor.signed(Ask::post(&format!("Chasitor/{noun}"), body));
        let answer = ask.of(&world.router).await.status(400);
        assert!(answer.text.contains(told), "{noun} {body}: {}", answer.text);
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
    let mut other = world.visitor().await;
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
    ] {
        let answer = other.init_with(member).await.status(400);
        assert!(answer.text.contains(told), "{}", answer.text);
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
    assert!(agent.log(&chat).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn where_nothing_needs_to_be_said_nothing_need_be() {
    let world = World::new().await;
    let (visitor, _agent, _chat) = world.talking().await;
    for body in ["", "{}", "null", "undefined", " "] {
        for noun in ["ChasitorTyping", "ChasitorNotTyping"] {
            let ask = visitor.signed(Ask::post(&format!("Chasitor/{noun}"), body));
            ask.of(&world.router).await.ok();
        }
    }
    for noun in ["ChasitorResyncState", "ChatEnd"] {
        let ask = visitor.signed(Ask::post(&format!("Chasitor/{noun}"), ""));
        ask.of(&world.router).await.ok();
    }
}

#[tokio::test(start_paused = true)]
async fn members_that_nobody_knows_are_ignored() {
    let world = World::new().await;
    let mut visitor = world.visitor().await;
    let other = json!({ "newThing": { "deep": [1] }, "pc": 3 });
    visitor.init_with(other).await.ok();
    let agent = world.agent();
    let chat = agent.accept().await;
    let message = json!({ "text": "hi", "schedule": { "responseDelayMilliseconds": 0 } });
    visitor.post("ChatMessage", message).await.ok();
    assert_eq!(agent.log(&chat).await, ["hi"]);
}

#[tokio::test(start_paused = true)]
async fn the_prechat_maps_come_in_three_spellings() {
    for spelling in ["entityFieldMaps", "entityFieldsMaps", "entityMaps"] {
        let world = World::new().await;
        let mut visitor = world.visitor().await;
        let map = json!([{ "entityName": "Contact", "fieldName": "Email",
            "isFastFillable": false, "isAutoQueryable": true, "isExactMatchable": true }]);
        let entity = json!([{ "fieldName": "Email", "label": "E-mail Address",
            "doFind": true, "isExactMatch": true, "doCreate": true }]);
        let wish = json!({
            "prechatDetails": [{ "label": "E-mail Address", "value": "jon@example.com",
                spelling: map, "transcriptFields": ["c__EmailAddress"], "displayToAgent": true }],
            "prechatEntities": [{ "entityName": "Contact", "showOnCreate": true,
                "linkToEntityName": null, "linkToEntityField": null,
                "saveToTranscript": "Contact", spelling: entity }],
        });
        visitor.init_with(wish).await.ok();
        let success = visitor.poll().await.message("ChatRequestSuccess");
        let detail = &success["customDetails"][0];
        assert_eq!(detail["value"], "jon@example.com");
        assert_eq!(detail["entityFieldMaps"][0]["fieldName"], "Email");
        let agent = world.agent();
        let chat = agent.accept().await;
        let shown = agent.act("get_chat", json!({ "chat_id": chat })).await;
        let customer = &shown["users"][0];
        assert_eq!(customer["email"], "jon@example.com");
        let field = json!({ "E-mail Address": "jon@example.com" });
        assert_eq!(customer["session_fields"][0], field);
    }
}

#[tokio::test(start_paused = true)]
async fn missing_members_of_an_init_are_not_missed() {
    let world = World::new().await;
    let visitor = world.visitor().await;
    let wish = json!({
        "organizationId": world.site.organization_id,
        "deploymentId": world.site.deployment_id,
        "buttonId": world.site.button_id,
        "agentId": "",
        "doFallback": "true",
        "visitorName": null,
        "prechatDetails": null,
        "buttonOverrides": null,
    });
    let ask = visitor.signed(Ask::post("Chasitor/ChasitorInit", wish.to_string()));
    ask.of(&world.router).await.ok();
    assert_eq!(world.agent().waiting().await.len(), 1);
}
