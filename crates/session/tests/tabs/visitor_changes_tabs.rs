//! Each tab is on a page of its own. Agents see that of the tab that the visitor looks at.

use parlor_session::{Input, Intent, Page, Request, limits::PAGES_EVERY};

use crate::device::Device;

fn page(name: &str) -> Page {
    Page {
        url: format!("https://shop.example/{name}"),
        title: None,
    }
}

/// The address that a tab posts now; answered as posted.
fn posts(device: &mut Device, at: usize) -> Option<String> {
    device.wait(PAGES_EVERY);
    let calls = device.tabs[at].calls.iter();
    let url = calls.into_iter().find_map(|call| match &call.request {
        Request::Breadcrumb(page) => Some(page.location.clone()),
        _ => None,
    })?;
    device.posted(at, 0);
    Some(url.trim_start_matches("https://shop.example/").to_owned())
}

/// The first tab leads, on `/hats`; the visitor looks at the second, on `/cups`.
fn two() -> Device {
    let mut device = Device::new();
    device.open_on(page("hats"));
    device.chat(0);
    assert_eq!(posts(&mut device, 0), None, "the request named it");
    device.input(0, Input::Visibility(false));
    device.open_on(page("cups"));
    device
}

#[test]
fn the_leader_posts_the_page_of_the_tab_that_is_looked_at() {
    let mut device = two();
    assert_eq!(posts(&mut device, 0).as_deref(), Some("cups"));
    device.want(1, Intent::Page(page("pots")));
    assert_eq!(posts(&mut device, 0).as_deref(), Some("pots"));
    assert_eq!(posts(&mut device, 0), None);
    device.agree();
}

#[test]
fn the_visitor_comes_back_to_the_first() {
    let mut device = two();
    assert_eq!(posts(&mut device, 0).as_deref(), Some("cups"));
    device.input(1, Input::Visibility(false));
    device.input(0, Input::Visibility(true));
    assert_eq!(posts(&mut device, 0).as_deref(), Some("hats"));
    // Two windows side by side: the one that gets the focus.
    device.input(1, Input::Visibility(true));
    assert_eq!(posts(&mut device, 0).as_deref(), Some("cups"));
    device.input(0, Input::Visibility(true));
    assert_eq!(posts(&mut device, 0).as_deref(), Some("hats"));
}

#[test]
fn a_tab_that_nobody_sees_counts_when_it_is_seen() {
    let mut device = two();
    assert_eq!(posts(&mut device, 0).as_deref(), Some("cups"));
    device.want(0, Intent::Page(page("pans")));
    assert_eq!(posts(&mut device, 0), None);
    device.input(1, Input::Visibility(false));
    device.input(0, Input::Visibility(true));
    assert_eq!(posts(&mut device, 0).as_deref(), Some("pans"));
}

#[test]
fn the_next_leader_knows_where_the_visitor_is() {
    let mut device = two();
    assert_eq!(posts(&mut device, 0).as_deref(), Some("cups"));
    device.input(1, Input::Visibility(false));
    device.open_on(page("pots"));
    assert_eq!(posts(&mut device, 0).as_deref(), Some("pots"));
    device.kill(0);
    assert_eq!(device.leader, Some(1));
    device.handed_over(1, 1, serde_json::json!([]));
    assert_eq!(posts(&mut device, 1).as_deref(), Some("pots"));
}
