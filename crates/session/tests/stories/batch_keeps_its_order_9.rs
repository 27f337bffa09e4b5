//! The messages of a batch handled concurrently: order lost.

use serde_json::json;

use crate::story::{Story, says};

#[test]
fn a_batch_is_handled_in_its_order() {
    let mut story = Story::chatting();
    let texts = ["a", "b", "c", "d", "e"];
    let messages: Vec<_> = texts.iter().zip(2..).map(|(t, n)| says(n, t)).collect();
    story.batch(2, json!(messages));
    assert_eq!(story.texts(), texts);
}

#[test]
fn the_number_decides_and_not_the_arrival() {
    let mut story = Story::chatting();
    story.send("mine");
    story.batch(2, json!([says(3, "after"), says(4, "later")]));
    assert_eq!(story.texts(), ["after", "later", "mine"]);
    story.posted(2);
    assert_eq!(story.texts(), ["mine", "after", "later"]);
}

#[test]
fn a_message_that_cannot_be_read_costs_only_itself() {
    let mut story = Story::chatting();
    story.batch(
        2,
        json!([says(2, "before"), {"type": "ChatMessage", "message": 7}, says(3, "after")]),
    );
    assert_eq!(story.texts(), ["before", "after"]);
}
