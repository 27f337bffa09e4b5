//! The visitor goes from page to page during the conversation, and agents see where they are.

use parlor_session::{
    Fault, Intent, Page, Reply, Request,
    limits::{PAGE_TRIES_MAX, PAGES_EVERY},
};
use parlor_wire::visitor::{Breadcrumb, ChasitorInit};
use serde_json::json;

use crate::story::Story;

fn page(name: &str) -> Page {
    Page {
        url: format!("https://shop.example/{name}"),
        title: Some(name.to_uppercase()),
    }
}

fn is_page(request: &Request) -> bool {
    matches!(request, Request::Breadcrumb(_))
}

/// The page that is being posted, if one is.
fn posting(story: &Story) -> Option<String> {
    story.open.iter().find_map(|call| match &call.request {
        Request::Breadcrumb(Breadcrumb { location, title }) => {
            let title = title.as_deref().unwrap_or_default();
            Some(format!("{title} {location}"))
        }
        _ => None,
    })
}

/// Answers the POST of the page.
fn taken(story: &mut Story) {
    let call = story.take(is_page);
    assert!(call.number.is_some() && call.credentials.is_some());
    story.reply(call.id, Reply::Posted(Default::default()));
}

fn posted_init(story: &mut Story) -> ChasitorInit {
    match story.take_post().request {
        Request::Init { init, .. } => init.copied(),
        other => panic!("not a request: {other:?}"),
    }
}

#[test]
fn the_request_names_the_page_and_each_other_page_is_posted_once() {
    let mut story = Story::on(page("hats"));
    story.want(Intent::Page(page("cups")));
    assert_eq!(posting(&story), None, "there is no conversation");
    story.reply_settings(json!({"buttons": [{"id": "573000000000001", "isAvailable": true}]}));
    story.want(Intent::StartConversation);
    story.want(Intent::Page(page("pots")));
    story.reply_session("a");
    let call = story.open.iter().find(|call| call.request.is_post());
    let id = call.unwrap().id;
    let init = posted_init(&mut story);
    assert_eq!(init.url.as_deref(), Some("https://shop.example/cups"));
    assert_eq!(init.page_title.as_deref(), Some("CUPS"));
    story.reply(id, Reply::Posted(Default::default()));
    assert_eq!(posting(&story), None, "the visitor does not wait yet");
    let success = json!([{"type": "ChatRequestSuccess",
        "message": {"visitorId": "v", "queuePosition": 3}}]);
    story.batch(1, success);
    assert_eq!(
        posting(&story).as_deref(),
        Some("POTS https://shop.example/pots")
    );
    taken(&mut story);
    story.want(Intent::Page(page("pots")));
    story.wait(60_000);
    assert_eq!(posting(&story), None);
}

#[test]
fn of_several_pages_in_a_short_time_the_last_is_posted() {
    let mut story = Story::on(page("hats")).chats();
    assert_eq!(posting(&story), None, "the request named it");
    story.want(Intent::Page(page("cups")));
    taken(&mut story);
    story.want(Intent::Page(page("pots")));
    story.want(Intent::Page(page("pans")));
    story.wait(PAGES_EVERY - 1);
    assert_eq!(posting(&story), None);
    story.wait(1);
    assert_eq!(
        posting(&story).as_deref(),
        Some("PANS https://shop.example/pans")
    );
}

#[test]
fn the_next_page_is_posted_once_the_conversation_goes_on_there() {
    let story = Story::on(page("hats")).chats();
    let mut story = story.reloaded_on(page("cups"));
    story.reconnected("b");
    story.batch(
        2,
        json!([{"type": "ChasitorSessionData", "message": {"agent": {"name": "Andy", "userId": "005A"}}}]),
    );
    assert_eq!(posting(&story), None, "the endpoint is not in step yet");
    let resync = story.take_post();
    story.reply(resync.id, Reply::Posted(Default::default()));
    assert_eq!(
        posting(&story).as_deref(),
        Some("CUPS https://shop.example/cups")
    );
}

#[test]
fn messages_come_first_and_do_not_wait_for_a_page_that_is_lost() {
    let mut story = Story::on(page("hats")).chats();
    story.want(Intent::Page(page("cups")));
    let lost = story.take(is_page);
    story.send("hello");
    story.fault(lost.id, Fault::Network);
    story.wait(1_000);
    let message = story.take(|request| matches!(request, Request::Message(_)));
    assert!(message.number > lost.number);
    assert_eq!(posting(&story), None);
    story.reply(message.id, Reply::Posted(Default::default()));
    story.wait(PAGES_EVERY);
    assert!(posting(&story).is_some(), "it is tried again");
}

#[test]
fn a_page_that_gets_no_answer_is_not_posted_for_ever() {
    let mut story = Story::on(page("hats")).chats();
    story.want(Intent::Page(page("cups")));
    for _ in 0..PAGE_TRIES_MAX {
        let call = story.take(is_page);
        story.fault(call.id, Fault::Network);
        story.wait(2 * PAGES_EVERY);
    }
    story.wait(600_000);
    assert_eq!(posting(&story), None);
    story.want(Intent::Page(page("pots")));
    assert!(posting(&story).is_some());
}

#[test]
fn a_limit_for_pages_holds_up_nothing_else() {
    let mut story = Story::on(page("hats")).chats();
    story.want(Intent::Page(page("cups")));
    let call = story.take(is_page);
    let limited = Fault::Unavailable {
        retry_after: Some(40_000),
    };
    story.fault(call.id, limited);
    story.send("hello");
    story.wait(1_000);
    let message = story.take(|request| matches!(request, Request::Message(_)));
    story.reply(message.id, Reply::Posted(Default::default()));
    story.wait(30_000);
    assert_eq!(posting(&story), None);
    story.wait(10_000);
    assert!(posting(&story).is_some());
}

#[test]
fn a_page_that_is_refused_or_late_for_the_conversation_changes_nothing() {
    let mut story = Story::on(page("hats")).chats();
    story.want(Intent::Page(page("cups")));
    let call = story.take(is_page);
    story.fault(call.id, Fault::Refused);
    story.wait(60_000);
    assert_eq!(posting(&story), None);
    let before = story.stage.clone();
    story.want(Intent::Page(page("pots")));
    let call = story.take(is_page);
    story.fault(call.id, Fault::SessionGone);
    assert_eq!(story.stage, before, "the poll tells what has happened");
    story.batch(
        2,
        json!([{"type": "ChatEnded", "message": {"reason": "agent"}}]),
    );
    story.want(Intent::Page(page("pans")));
    story.wait(60_000);
    assert_eq!(posting(&story), None);
}

#[test]
fn a_page_that_was_on_its_way_in_a_handover_is_posted_after_it() {
    let mut story = Story::on(page("hats")).chats();
    story.want(Intent::Page(page("cups")));
    let call = story.take(is_page);
    story.fault(call.id, Fault::AffinityChanged);
    story.reconnected("b");
    story.batch(
        3,
        json!([{"type": "ChasitorSessionData", "message": {"agent": {"name": "Andy", "userId": "005A"}}}]),
    );
    let resync = story.take_post();
    story.reply(resync.id, Reply::Posted(Default::default()));
    story.wait(PAGES_EVERY);
    assert!(posting(&story).is_some());
}

#[test]
fn a_very_long_address_does_not_fail_the_request() {
    let long = Page {
        url: format!("https://shop.example/a?{}", "x".repeat(5_000)),
        title: Some("x".repeat(5_000)),
    };
    let mut story = Story::on(long);
    story.reply_settings(json!({"buttons": [{"id": "573000000000001", "isAvailable": true}]}));
    story.want(Intent::StartConversation);
    story.reply_session("a");
    let init = posted_init(&mut story);
    assert_eq!(init.url.as_deref(), Some("https://shop.example/a"));
    assert_eq!(init.page_title.map(|title| title.len()), Some(1_024));
}
