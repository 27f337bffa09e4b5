//! What programs write.

use parlor_wire::limits::MESSAGE_TEXT_MAX_BYTES;
use serde_json::{Value, json};

use crate::{
    actors::{TestServer, Visitor},
    program::{Program, missed_chat},
};

#[tokio::test]
async fn a_program_leaves_a_message_that_agents_answer() {
    let server = TestServer::new().await;
    let program = Program::of(&server);
    let made = program
        .posts(&json!({
            "type": "offline_msg",
            "message": "Hi there!",
            "timestamp": 1_444_156_010,
            "visitor": {
                "id": "1.12345", "name": "John", "email": "john@shop.example",
                "phone": "+49 30 1234", "notes": "met at the fair",
            },
            "session": {
                "browser": "Safari", "city": "Orlando", "country_code": "US",
                "country_name": "United States", "ip": "67.23.229.96", "region": "Florida",
                "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10) \
                     AppleWebKit/600.1.25 (KHTML, like Gecko) Version/8.0 Safari/600.1.25",
            },
        }))
        .await;
    assert_eq!(made["timestamp"], "2015-10-06T18:26:50Z");
    assert_eq!(
        (&made["type"], &made["message"]),
        (&json!("offline_msg"), &json!("Hi there!"))
    );
    assert_eq!(
        (&made["unread"], &made["missed"]),
        (&json!(true), &json!(false))
    );
    let visitor = &made["visitor"];
    assert_eq!(visitor["email"], "john@shop.example");
    assert_eq!(
        (&visitor["phone"], &visitor["notes"]),
        (&json!("+49 30 1234"), &json!("met at the fair"))
    );
    let session = &made["session"];
    assert_eq!(
        (&session["browser"], &session["platform"]),
        (&json!("Safari"), &json!("Mac OSX"))
    );
    assert_eq!(
        (&session["city"], &session["country_code"]),
        (&json!("Orlando"), &json!("US"))
    );
    let path = format!("/chats/{}", made["id"].as_str().unwrap());
    assert_eq!(program.gets(&path).await, made);

    let chat = made["chat_id"].as_str().unwrap();
    let waiting = server.bob.act("list_offline_messages", json!({})).await;
    assert!(waiting.to_string().contains(chat), "{waiting}");
    let answer = json!({
        "chat_id": chat, "thread_id": made["id"],
        "event": {"type": "message", "text": "Good morning"},
    });
    server.bob.act("send_event", answer).await;
    let answered = program.gets(&path).await;
    assert_eq!(answered["unread"], false);
    assert_eq!(answered["agent_names"], json!(["Bob"]));
    assert_eq!(
        answered["count"],
        json!({"agent": 1, "visitor": 1, "total": 2})
    );

    // The same visitor again.
    let again = json!({"message": "Me again", "visitor": {"id": visitor["id"]}});
    let again = program.posts(&again).await;
    assert_eq!(again["visitor"], *visitor);
    assert_eq!(again["chat_id"], made["chat_id"]);
}

#[tokio::test]
async fn what_a_program_cannot_leave_is_refused() {
    let server = TestServer::new().await;
    let program = Program::of(&server);
    let long = "x".repeat(MESSAGE_TEXT_MAX_BYTES + 1);
    for body in [
        json!({}),
        json!({"message": ""}),
        json!({"message": " "}),
        json!({"message": 1}),
        json!({"message": long}),
        json!({"message": "a", "type": "chat"}),
        json!({"message": "a", "timestamp": "yesterday"}),
        json!({"message": "a", "timestamp": -1}),
        json!({"message": "a", "timestamp": i64::MAX}),
        json!({"message": "a", "timestamp": 1.5}),
        json!({"message": "a", "department_id": 99}),
        json!({"message": "a", "visitor": {"name": long}}),
        json!({"message": "a", "session": {"ip": long}}),
        json!([]),
        json!("a"),
    ] {
        let told = body.to_string();
        let status = program.status("POST", "/chats", Some(&body)).await;
        assert_eq!(status, 400, "{}", &told[..told.len().min(80)]);
    }
    assert_eq!(program.gets("/chats").await["count"], 0);
    let huge = json!({"message": "x".repeat(200_000)});
    assert_eq!(program.status("POST", "/chats", Some(&huge)).await, 413);
    let future = json!({"message": "a", "timestamp": "2999-01-01T00:00:00Z"});
    let made = program.posts(&future).await;
    assert!(made["timestamp"].as_str().unwrap() < "2999");
}

#[tokio::test]
async fn conversations_are_updated_nested_and_flattened() {
    let server = TestServer::new().await;
    missed_chat(&server, "Jon", "Hello").await;
    let program = Program::of(&server);
    let before = program.gets("/chats").await["chats"][0].clone();
    let path = format!("/chats/{}", before["id"].as_str().unwrap());
    let nested = json!({
        "unread": 0, "rating": "bad", "comment": "Too slow", "tags": ["a", "b"],
        "visitor": {"name": "Ann", "email": "ann@shop.example", "phone": null, "notes": "hm"},
    });
    let after = program.puts(&path, &nested).await;
    assert_eq!(
        (&after["unread"], &after["rating"]),
        (&json!(false), &json!("bad"))
    );
    assert_eq!(
        (&after["comment"], &after["tags"]),
        (&json!("Too slow"), &json!(["a", "b"]))
    );
    let visitor = &after["visitor"];
    assert_eq!(
        (&visitor["name"], &visitor["email"]),
        (&json!("Ann"), &json!("ann@shop.example"))
    );
    assert_eq!(
        (&visitor["phone"], &visitor["notes"]),
        (&json!(""), &json!("hm"))
    );
    assert!(after["update_timestamp"].as_str() > before["update_timestamp"].as_str());

    let flattened =
        json!({"unread": true, "visitor.phone": "+49 1", "visitor.name": null, "id": "X"});
    let after = program.puts(&path, &flattened).await;
    assert_eq!(
        (&after["unread"], &after["rating"]),
        (&json!(true), &json!("bad"))
    );
    assert_eq!(
        (&after["visitor"]["phone"], &after["visitor"]["name"]),
        (&json!("+49 1"), &json!("Ann"))
    );
    assert_eq!(after["id"], before["id"]);
    // Programs send back whole records.
    assert_eq!(program.puts(&path, &after).await, {
        let mut same = after.clone();
        same["update_timestamp"] = program.gets(&path).await["update_timestamp"].clone();
        same
    });
    for update in [
        json!({"rating": "fine"}),
        json!({"tags": ["x".repeat(500)]}),
        json!({"unread": "yes"}),
        json!({"visitor": {"name": "x".repeat(10_000)}}),
        json!([1]),
        Value::Null,
    ] {
        assert_eq!(
            program.status("PUT", &path, Some(&update)).await,
            400,
            "{update}"
        );
    }
    assert_eq!(
        program.status("PUT", "/chats/NONE", Some(&json!({}))).await,
        404
    );
}

#[tokio::test]
async fn many_are_changed_together_or_none() {
    let server = TestServer::new().await;
    for n in 0..3 {
        missed_chat(&server, &format!("V{n}"), "Hello").await;
    }
    let program = Program::of(&server);
    let all = crate::program::ids(&program.gets("/chats").await["chats"]);
    let two = format!("/chats?ids={},{}", all[0], all[1]);
    let docs = program.puts(&two, &json!({"unread": false})).await;
    assert_eq!(
        (&docs["count"], &docs["docs"][&all[0]]["unread"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(program.finds("unread:true").await, all[2..]);
    let wrong = format!("/chats?ids={},NONE", all[2]);
    assert_eq!(
        program
            .status("PUT", &wrong, Some(&json!({"unread": false})))
            .await,
        404
    );
    assert_eq!(program.finds("unread:true").await, all[2..]);
    assert_eq!(program.status("DELETE", &wrong, None).await, 404);
    assert_eq!(program.gets("/chats").await["count"], 3);
    assert_eq!(program.status("DELETE", &two, None).await, 204);
    assert_eq!(
        crate::program::ids(&program.gets("/chats").await["chats"]),
        all[2..]
    );
    assert_eq!(program.status("DELETE", "/chats", None).await, 400);
    assert_eq!(program.status("PUT", "/chats", Some(&json!({}))).await, 400);
}

#[tokio::test]
async fn a_deleted_conversation_is_gone_for_agents_too() {
    let server = TestServer::new().await;
    let mut visitor = Visitor::waits(&server, "Jon").await;
    let chat = server.ada.only_chat().await;
    server.ada.accept(&chat).await;
    visitor.say("Delete me").await;
    visitor.end().await;
    let program = Program::of(&server);
    let id = program.gets("/chats").await["chats"][0]["id"].clone();
    let path = format!("/chats/{}", id.as_str().unwrap());
    assert_eq!(program.status("DELETE", &path, None).await, 204);
    assert_eq!(program.status("DELETE", &path, None).await, 404);
    let failure = server.ada.fails("get_chat", json!({"chat_id": chat})).await;
    assert_eq!(failure.0, 404);
}
