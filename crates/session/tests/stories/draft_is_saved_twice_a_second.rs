//! Typing saves the draft, but not with every key.

use parlor_session::{Input, Intent, Output};

use crate::story::Story;

fn saves(story: &Story) -> usize {
    let is_save = |output: &&Output| matches!(output, Output::Save(_));
    story.last.iter().filter(is_save).count()
}

fn typed(story: &mut Story, text: &str) -> usize {
    story.want(Intent::Draft(text.into()));
    saves(story)
}

fn saved_draft(story: &Story) -> &str {
    &story.saved.as_ref().unwrap().draft
}

#[test]
fn of_many_keys_two_a_second_are_saved_and_the_last_one_is() {
    let mut story = Story::chatting();
    story.input(Input::Visibility(true));
    story.now += 10_000;
    let mut count = 0;
    for key in 1..=100 {
        story.now += 50;
        count += typed(&mut story, &"x".repeat(key));
        if story.wake_at.is_some_and(|at| at <= story.now) {
            story.input(Input::Wake);
            count += saves(&story);
        }
    }
    assert!((9..=11).contains(&count), "{count} saves in five seconds");
    assert_ne!(saved_draft(&story).len(), 100);
    let wake_at = story.wake_at.unwrap();
    assert!(wake_at <= story.now + 500);
    story.now = wake_at;
    story.input(Input::Wake);
    assert_eq!(saved_draft(&story).len(), 100);
}

#[test]
fn the_draft_is_saved_at_once_when_the_document_is_hidden() {
    let mut story = Story::chatting();
    story.input(Input::Visibility(true));
    story.now += 10_000;
    assert_eq!(typed(&mut story, "h"), 1);
    story.now += 50;
    assert_eq!(typed(&mut story, "ha"), 0);
    story.input(Input::Visibility(false));
    assert_eq!(saved_draft(&story), "ha");
    assert_eq!(typed(&mut story, "hal"), 1);
}

#[test]
fn what_else_is_saved_takes_the_draft_with_it() {
    let mut story = Story::chatting();
    story.input(Input::Visibility(true));
    story.now += 10_000;
    typed(&mut story, "h");
    story.now += 50;
    assert_eq!(typed(&mut story, "ha"), 0);
    story.send("Hello");
    assert_eq!(saves(&story), 1);
    assert_eq!(saved_draft(&story), "");
    let saved = story.saved.as_ref().unwrap();
    assert_eq!(saved.outbox.len(), 1);
}
