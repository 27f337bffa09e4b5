//! A page and its frame, over a real `MessageChannel`.

use gloo_timers::future::TimeoutFuture;
use parlor_session::LineId;
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

#[wasm_bindgen(inline_js = "
    export function pair() {
        const { port1, port2 } = new MessageChannel();
        const received = [];
        port1.onmessage = ({ data }) => received.push(data);
        return { page: port1, frame: port2, received };
    }
    export function connect(config, channel) {
        window.postMessage({ type: 'connect', config: JSON.parse(config) }, location.origin, [channel.frame]);
    }
")]
extern "C" {
    #[derive(Clone)]
    type Pair;
    fn pair() -> Pair;
    #[wasm_bindgen(method, getter)]
    fn page(this: &Pair) -> MessagePort;
    #[wasm_bindgen(method, getter)]
    fn frame(this: &Pair) -> MessagePort;
    #[wasm_bindgen(method, getter)]
    fn received(this: &Pair) -> Array;
    /// Posts the page's `connect` message, from this window to itself, because the tests run in no
    /// frame.
    fn connect(config: &str, channel: &Pair);
}

fn js(value: &Value) -> JsValue {
    JSON::parse(&value.to_string()).unwrap()
}

fn rust(value: &JsValue) -> Value {
    serde_json::from_str(&String::from(JSON::stringify(value).unwrap())).unwrap()
}

/// Waits until a condition is true.
async fn until(condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        TimeoutFuture::new(10).await;
    }
    panic!("the condition was not true within five seconds");
}

/// A connected frame, and the page's end of the channel.
struct Connected {
    frame: Frame,
    channel: Pair,
    calls: Rc<RefCell<Vec<String>>>,
}

impl Connected {
    fn new() -> Self {
        let (frame, channel) = (Frame::default(), pair());
        let calls = Rc::new(RefCell::new(Vec::new()));
        let log = calls.clone();
        let on_message = move |from_page| log.borrow_mut().push(format!("{from_page:?}"));
        frame.connect(channel.frame(), Rc::new(on_message));
        Self {
            frame,
            channel,
            calls,
        }
    }

    /// Waits for so many messages to the page, and returns them.
    async fn received(&self, count: u32) -> Vec<Value> {
        until(|| self.channel.received().length() >= count).await;
        self.channel.received().iter().map(|it| rust(&it)).collect()
    }

    /// Posts these messages from the page, and returns those that the frame could read.
    async fn read(&self, messages: &[Value]) -> Vec<String> {
        for message in messages {
            self.channel.page().post_message(&js(message)).unwrap();
        }
        // Marks the end: messages keep their order.
        let last = js(&json!({"type": "close"}));
        self.channel.page().post_message(&last).unwrap();
        until(|| self.calls.borrow().last().map(String::as_str) == Some("Close")).await;
        let mut calls = self.calls.borrow().clone();
        calls.pop();
        calls
    }
}

#[wasm_bindgen_test]
async fn changes_are_reported_to_the_page() {
    let to = Connected::new();
    to.frame.ready(true, false);
    to.frame.on_change(&Change::Unread(2));
    to.frame.on_change(&Change::AgentTyping(true));
    to.frame.on_change(&Change::WindowShown(true));
    to.frame.on_change(&Change::Conversation(true));
    to.frame.on_change(&Change::Rated(Some(true)));
    to.frame
        .on_change(&Change::Stage(Stage::Failed(FailReason::Refused)));
    to.frame.on_change(&Change::Conversation(false));
    to.frame.close();
    let event =
        |name: &str, detail: Value| json!({"type": "event", "name": name, "detail": detail});
    assert_eq!(
        to.received(11).await,
        [
            json!({"type": "ready"}),
            json!({"type": "unread", "count": 2}),
            json!({"type": "typing", "on": true}),
            json!({"type": "shown", "on": true}),
            json!({"type": "conversation", "open": true}),
            event("conversation:started", json!({})),
            event("rating", json!({"score": "good"})),
            event("error", json!({"reason": "refused"})),
            json!({"type": "conversation", "open": false}),
            event("conversation:ended", json!({})),
            json!({"type": "close"}),
        ]
    );
}

fn welcome() -> Change {
    let welcome = json!({"goals": {"days": 2, "pages": [{"goal": "order", "path": "/*/thanks"}]}});
    serde_json::from_value(json!({ "Welcome": welcome })).unwrap()
}

#[wasm_bindgen_test]
async fn the_page_is_told_of_goals_once_there_is_a_conversation() {
    let to = Connected::new();
    to.frame.ready(false, true);
    to.frame.on_change(&welcome());
    to.frame.close();
    let before = now() + 2 * DAY_MS;
    to.frame.on_change(&Change::Conversation(true));
    let mut received = to.received(7).await;
    let told = received.remove(5);
    assert_eq!(
        received,
        [
            json!({"type": "ready"}),
            json!({"type": "conversation", "open": false}),
            // Nobody is signed in, and the page forgets what it was told.
            json!({"type": "goals"}),
            json!({"type": "close"}),
            json!({"type": "conversation", "open": true}),
            json!({"type": "event", "name": "conversation:started", "detail": {}}),
        ]
    );
    assert_eq!(told["type"], "goals");
    let goals = &told["goals"];
    assert_eq!(
        goals["pages"],
        json!([{"goal": "order", "path": "/*/thanks"}])
    );
    let until = goals["until"].as_f64().unwrap() as u64;
    assert!((before..=now() + 2 * DAY_MS).contains(&until), "{until}");
}

#[wasm_bindgen_test]
async fn a_conversation_that_is_resumed_has_goals_once_the_settings_are_there() {
    let to = Connected::new();
    to.frame.ready(true, false);
    to.frame.on_change(&Change::Stage(Stage::Resuming));
    to.frame.on_change(&Change::Conversation(true));
    to.frame.on_change(&welcome());
    let received = to.received(3).await;
    assert_eq!(received[1], json!({"type": "conversation", "open": true}));
    assert_eq!(received[2]["type"], "goals");
}

#[wasm_bindgen_test]
async fn messages_are_reported_without_their_text() {
    let to = Connected::new();
    let id = || LineId("T_1".into());
    to.frame.on_news(News::Received(id()));
    to.frame.on_news(News::Sent(id()));
    to.frame.on_news(News::Custom(id(), r#"{"a":[1]}"#.into()));
    to.frame.on_news(News::Custom(id(), "no JSON".into()));
    to.frame.on_change(&Change::Draft("secret".into()));
    to.frame.close();
    let received = to.received(5).await;
    let details: Vec<&Value> = received.iter().map(|it| &it["detail"]).collect();
    assert_eq!(*details[0], json!({"id": "T_1"}));
    assert_eq!(*details[1], json!({"id": "T_1"}));
    assert_eq!(*details[2], json!({"id": "T_1", "content": {"a": [1]}}));
    assert_eq!(details[3]["id"], "T_1");
    assert_eq!(received[4], json!({"type": "close"}));
}

#[wasm_bindgen_test]
async fn a_resumed_conversation_is_not_reported_as_started() {
    let to = Connected::new();
    to.frame.on_change(&Change::Stage(Stage::Resuming));
    to.frame.on_change(&Change::Conversation(true));
    to.frame.on_change(&Change::Rated(Some(false)));
    assert!(to.frame.has_conversation());
    to.frame.close();
    let wanted = [
        json!({"type": "conversation", "open": true}),
        json!({"type": "close"}),
    ];
    assert_eq!(to.received(2).await, wanted);
}

#[wasm_bindgen_test]
async fn calls_of_the_page_are_read() {
    let from = Connected::new();
    let read = from
        .read(&[
            json!({"type": "open"}),
            json!({"type": "handles"}),
            json!({"type": "identify", "value": "t.o.k"}),
            json!({"type": "identify", "value": null}),
            json!({"type": "setAttributes", "value": {"plan": "gold", "seats": [1, null]}}),
            json!({"type": "prefill", "value": {"name": "Ada", "about": ["a", 7, "b"]}}),
            json!({"type": "custom", "value": {"a": 1}}),
            json!({"type": "track", "value": "order"}),
            json!({"type": "track", "value": 7}),
            json!({"type": "page", "url": "https://a.example/", "title": "Hats"}),
            json!({"type": "page", "url": 7, "title": "Hats"}),
            json!({"type": "page", "url": "https://a.example/b"}),
        ])
        .await;
    assert_eq!(
        read,
        [
            "Open",
            "HandlesCustom",
            r#"Identify(Vouched("t.o.k"))"#,
            "Identify(SignedOut)",
            r#"SetAttributes([("plan", "\"gold\""), ("seats", "[1,null]")])"#,
            r#"Prefill([("about", ["a", "b"]), ("name", ["Ada"])])"#,
            r#"Custom("{\"a\":1}")"#,
            r#"Track("order")"#,
            r#"Page(Page { url: "https://a.example/", title: Some("Hats") })"#,
            r#"Page(Page { url: "https://a.example/b", title: None })"#,
        ]
    );
}

#[wasm_bindgen_test]
async fn malformed_messages_of_the_page_are_ignored() {
    let from = Connected::new();
    let read = from
        .read(&[
            json!(null),
            json!(7),
            json!("open"),
            json!({}),
            json!({"type": 7}),
            json!({"type": "poem", "value": 1}),
            json!({"type": "identify"}),
            json!({"type": "identify", "value": {"token": "x"}}),
            json!({"type": "setAttributes", "value": "gold"}),
            json!({"type": "prefill", "value": null}),
        ])
        .await;
    assert!(read.is_empty(), "{read:?}");
}

#[wasm_bindgen_test]
async fn at_most_fifty_attributes_are_read() {
    let many: serde_json::Map<String, Value> =
        (0..100).map(|n| (format!("k{n}"), json!(n))).collect();
    let Some(FromPage::SetAttributes(taken)) = read_call("setAttributes", &js(&json!(many))) else {
        panic!("the attributes were not read");
    };
    assert_eq!(taken.len(), MEMBERS_MAX);
}

#[wasm_bindgen_test]
fn of_too_many_queued_calls_the_newest_are_read() {
    let calls: Vec<Value> = (0..80)
        .map(|n| json!({"type": "identify", "value": n.to_string()}))
        .collect();
    let calls_read: Vec<String> = queued_calls(&js(&json!(calls)))
        .map(|it| format!("{it:?}"))
        .collect();
    assert_eq!(calls_read.len(), QUEUED_CALLS_MAX);
    assert_eq!(calls_read.last().unwrap(), r#"Identify(Vouched("79"))"#);
    assert_eq!(queued_calls(&JsValue::UNDEFINED).count(), 0);
    assert_eq!(
        queued_calls(&js(&json!([7, {"type": "identify"}]))).count(),
        0
    );
}

#[wasm_bindgen_test]
async fn only_the_page_of_the_origin_connects_and_only_once() {
    let window = leptos::prelude::window();
    let origin = window.location().origin().unwrap();
    let (ours, strangers) = (Rc::new(Frame::default()), Rc::new(Frame::default()));
    let log = Rc::new(RefCell::new(Vec::new()));
    for (frame, origin) in [
        (&ours, origin.as_str()),
        (&strangers, "https://stranger.example"),
    ] {
        let (log, name) = (log.clone(), origin.to_owned());
        frame.greet(origin.to_owned(), move |message| {
            log.borrow_mut().push(format!("{name}: {message:?}"));
        });
    }
    let config = json!({
        "open": true, "colorScheme": "dark",
        "page": {"url": "https://shop.example/a", "referrer": 7},
        "visitorCalls": [
            {"type": "identify", "value": "s"}, {"type": "setAttributes", "value": {"a": 1}},
            {"type": "identify", "value": "t"}, {"type": "poem"},
        ],
    });
    let (first, second) = (pair(), pair());
    connect(&config.to_string(), &first);
    connect("{}", &second);
    until(|| log.borrow().len() >= 2).await;
    ours.ready(true, false);
    until(|| first.received().length() == 1).await;
    let connected = "Connected(Config { open: true, color_scheme: \"dark\", \
                     page: Some(Page { url: \"https://shop.example/a\", title: None }), \
                     referrer: None, identity: Vouched(\"t\") })";
    let wanted = [
        format!("{origin}: {connected}"),
        format!("{origin}: SetAttributes([(\"a\", \"1\")])"),
    ];
    assert_eq!(*log.borrow(), wanted);
    assert_eq!(second.received().length(), 0);
    assert!(strangers.port.borrow().is_none());
}
