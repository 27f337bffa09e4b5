//! An endpoint that has too much to do says when to try again. The window says so, and nothing
//! that the visitor wrote is lost.

use parlor_session::{Change, Connection, Fault, Input, Intent, Posted, Reply, Request};

use crate::story::{Story, is_poll};

const BUSY: Fault = Fault::Unavailable {
    retry_after: Some(20_000),
};

fn shown(story: &Story) -> Option<Connection> {
    story.changes.iter().rev().find_map(|change| match change {
        Change::Connection(connection) => Some(*connection),
        _ => None,
    })
}

#[test]
fn a_refused_message_waits_with_a_sentence_and_is_sent_once() {
    let mut story = Story::chatting();
    story.send("hello");
    let is_message = |request: &Request| matches!(request, Request::Message(_));
    let refused = story.take(is_message);
    story.fault(refused.id, BUSY);
    assert_eq!(shown(&story), Some(Connection::Busy));

    story.wait(19_000);
    assert!(!story.open.iter().any(|call| is_message(&call.request)));
    assert_eq!(shown(&story), Some(Connection::Busy));
    story.wait(1_000);
    let again = story.take(is_message);
    assert_eq!(again.number, refused.number);
    let reply = Reply::Posted(Posted {
        event_id: None,
        position: Some(2),
        created_at: None,
    });
    story.reply(again.id, reply);
    story.wait(2_000);
    assert_eq!(shown(&story), Some(Connection::Connected));
}

#[test]
fn a_refused_poll_waits_with_a_sentence_and_nothing_is_asked_meanwhile() {
    let mut story = Story::chatting();
    story.input(Input::Visibility(true));
    let poll = story.take_poll();
    story.fault(poll.id, BUSY);
    assert_eq!(shown(&story), Some(Connection::Busy));
    story.wait(19_000);
    let is_asked = |request: &Request| is_poll(request) || matches!(request, Request::Settings);
    assert!(!story.open.iter().any(|call| is_asked(&call.request)));
    assert_eq!(shown(&story), Some(Connection::Busy));
    story.wait(1_000);
    let poll = story.take_poll();
    story.reply(poll.id, Reply::NoMessages);
    story.wait(2_000);
    assert_eq!(shown(&story), Some(Connection::Connected));
}

#[test]
fn after_the_pause_an_outage_is_an_outage() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    story.fault(poll.id, BUSY);
    story.wait(20_000);
    let poll = story.take_poll();
    story.fault(poll.id, Fault::Network);
    story.wait(2_000);
    assert_eq!(shown(&story), Some(Connection::Reconnecting));
}

#[test]
fn signals_that_are_refused_say_nothing() {
    let mut story = Story::chatting();
    story.want(Intent::Draft("hel".to_owned()));
    story.wait(1_000);
    let signal = story.take(|request| matches!(request, Request::Typing | Request::SneakPeek(_)));
    story.fault(signal.id, BUSY);
    assert_ne!(shown(&story), Some(Connection::Busy));
}
