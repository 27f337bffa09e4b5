//! Search, end to end.

use serde_json::{Value, json};

use crate::{
    actors::{TestServer, Visitor},
    program::{Program, missed_chat},
};

#[tokio::test]
async fn words_are_found_in_all_scripts_and_in_any_place() {
    let server = TestServer::new().await;
    let texts = [
        "Ask MÜLLER in Istanbul",
        "Привет из Москвы",
        "Η ΑΘΗΝΑ είναι ωραία",
        "İstanbul & Straße",
        "order: 4711 of C++ at 100% for a_b -x, O'Neil",
        "私は日本語を話します",
        "Cafe\u{301} AND \"bar\" (now)",
    ];
    for (n, text) in texts.iter().enumerate() {
        missed_chat(&server, &format!("V{n}"), text).await;
    }
    let program = Program::of(&server);
    let all = program.gets("/chats").await;
    // The newest first.
    let id = |n: usize| {
        all["chats"][texts.len() - 1 - n]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for (query, expected) in [
        ("müller", &[0][..]),
        ("MU\u{308}LLER", &[0]),
        ("üll", &[0]),
        ("istanbul", &[3, 0]),
        ("İSTANBUL", &[3, 0]),
        ("привет", &[1]),
        ("МОСКВ", &[1]),
        ("αθήνα", &[2]),
        ("ΩΡΑΊΑ", &[2]),
        ("strasse", &[3]),
        ("order: 4711", &[4]),
        ("C++", &[4]),
        ("c+", &[4]),
        ("100%", &[4]),
        ("a_b", &[4]),
        ("-x", &[4]),
        ("o'neil", &[4]),
        ("a%b", &[]),
        ("日本", &[5]),
        ("本", &[5]),
        ("caf\u{e9}", &[6]),
        ("\"AND\"", &[6]),
        ("\"and \"", &[6]),
        ("NOT order NOT istanbul", &[6, 5, 2, 1]),
        ("müller OR привет", &[1, 0]),
        ("istanbul AND NOT müller", &[3]),
        ("visitor_name:V4", &[4]),
        ("visitor_name:V4 OR (visitor_name:V5 AND 日本)", &[5, 4]),
    ] {
        let expected: Vec<String> = expected.iter().map(|n| id(*n)).collect();
        assert_eq!(program.finds(query).await, expected, "{query}");
    }
    for (query, column) in [
        ("\"O'Neil", 1),
        ("AND", 1),
        ("müller AND", 11),
        ("(a", 1),
        ("rating:ok", 8),
        ("timestamp:soon", 11),
    ] {
        let answer = program.search(query).await;
        assert_eq!(answer.status, 400, "{query}");
        let message = answer.body["message"].as_str().unwrap();
        assert!(
            message.starts_with(&format!("q, column {column}: ")),
            "{message}"
        );
    }
}

#[tokio::test]
async fn fields_find_what_they_name() {
    let server = TestServer::new().await;
    let mut rated = Visitor::waits(&server, "Harry Lime").await;
    let chat = server.ada.only_chat().await;
    server.ada.accept(&chat).await;
    rated.say("Chocolate").await;
    rated
        .post(
            "CustomEvent",
            json!({"type": "rating", "data": "{\"score\":\"good\"}"}),
        )
        .await;
    rated.end().await;
    missed_chat(&server, "Ann", "chocolate").await;
    let program = Program::of(&server);
    program
        .posts(&json!({
            "message": "Chocolate?",
            "visitor": {"name": "Holly", "email": "ada+hats@shop.example"},
            "timestamp": "2014-10-10T12:00:00Z",
            "department_id": 1,
        }))
        .await;
    let all = program.gets("/chats").await;
    let names = async |query: &str| {
        let found = program.finds(query).await;
        let name = |id: &String| {
            let chats = all["chats"].as_array().unwrap();
            let chat = chats.iter().find(|it| it["id"] == id.as_str());
            chat.unwrap()["visitor"]["name"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        found.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    for (query, expected) in [
        ("chocolate", "Holly Ann Harry Lime"),
        ("agent_names:Ada AND visitor_name:harry", "Harry Lime"),
        ("agent_names:Bob", ""),
        ("visitor_name:\"harry lime\"", "Harry Lime"),
        ("type:chat AND chocolate", "Ann Harry Lime"),
        ("chat_type:offline_msg", "Holly"),
        (
            "visitor_email:ada+hats@shop.example AND timestamp:[2014-10-10 TO 2014-12-12]",
            "Holly",
        ),
        ("visitor_email:hats", "Holly"),
        ("timestamp:2014-10-10", "Holly"),
        ("timestamp:2014-10-11", ""),
        (
            "timestamp:[2014-10-16 TO *] AND chocolate",
            "Ann Harry Lime",
        ),
        ("timestamp:[* TO 2014-10-10T12:00:00]", "Holly"),
        ("timestamp:[* TO 2014-10-10T11:59:59.999999Z]", ""),
        (
            "end_timestamp:[2014-10-25 TO *] AND rating:good",
            "Harry Lime",
        ),
        ("rating:bad", ""),
        ("NOT rating:good", "Holly Ann"),
        ("missed:true", "Ann"),
        ("unread:true", "Holly Ann"),
        (
            "department_name:support AND chocolate",
            "Holly Ann Harry Lime",
        ),
    ] {
        assert_eq!(names(query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn results_come_in_pages_of_forty() {
    let server = TestServer::new().await;
    let program = Program::of(&server);
    for n in 0..43 {
        let message = json!({"message": format!("wool & <{n}>"), "visitor": {}});
        program.posts(&message).await;
    }
    let first = program.search("wool &").await.body;
    assert_eq!(
        (&first["count"], &first["prev_url"]),
        (&json!(43), &Value::Null)
    );
    assert_eq!(first["results"].as_array().unwrap().len(), 40);
    let newest = &first["results"][0];
    let id = newest["id"].as_str().unwrap();
    let url = format!("http://chat.example/api/v2/chat/chats/{id}");
    assert_eq!(newest["url"], url);
    assert_eq!(
        (&newest["preview"], &newest["type"]),
        (&json!("wool & <42>"), &json!("offline_msg"))
    );
    assert_eq!(
        newest["timestamp"].as_str().unwrap().len(),
        "2014-10-15T16:31:25Z".len()
    );
    let second = program.follows(&first["next_url"]).await;
    assert_eq!(second["results"].as_array().unwrap().len(), 3);
    assert_eq!(second["next_url"], Value::Null);
    assert_eq!(program.follows(&second["prev_url"]).await, first);
    let beyond = program.gets("/chats/search?q=wool&page=250").await;
    assert_eq!(
        (&beyond["results"], &beyond["next_url"]),
        (&json!([]), &Value::Null)
    );
    for path in [
        "/chats/search?q=wool&page=251",
        "/chats/search?q=wool&page=0",
        "/chats/search?q=wool&page=-1",
        "/chats/search?q=wool&page=x",
        "/chats/search?q=",
        "/chats/search?q=%20",
        "/chats/search",
    ] {
        assert_eq!(program.status("GET", path, None).await, 400, "{path}");
    }
}

#[tokio::test]
async fn what_is_written_later_is_found_too() {
    let server = TestServer::new().await;
    missed_chat(&server, "Jon", "Hello").await;
    let program = Program::of(&server);
    let chats = program.gets("/chats").await;
    let (thread, chat) = (&chats["chats"][0]["id"], &chats["chats"][0]["chat_id"]);
    let tag = json!({"chat_id": chat, "thread_id": thread, "tag": "VIP guest"});
    server.ada.done("tag_thread", tag.clone()).await;
    assert_eq!(program.finds("tags:vip").await.len(), 1);
    server.ada.done("untag_thread", tag).await;
    assert!(program.finds("tags:vip").await.is_empty());
    let path = format!("/chats/{}", thread.as_str().unwrap());
    program.puts(&path, &json!({"comment": "splendid"})).await;
    assert_eq!(program.finds("splendid").await.len(), 1);
    assert_eq!(program.status("DELETE", &path, None).await, 204);
    assert!(program.finds("splendid OR hello").await.is_empty());
}
