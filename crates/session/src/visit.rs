//! The page that the visitor is on, and which page agents were told of.
//!
//! Must stay true: the endpoint hears of a page at most once every [`PAGES_EVERY`], so that it
//! never refuses anything else because of pages.

use parlor_wire::limits::{LABEL_MAX_BYTES, URL_MAX_BYTES};
use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    limits::{PAGE_TRIES_MAX, PAGES_EVERY},
};

/// A page of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    pub url: String,
    pub title: Option<String>,
}

impl Page {
    /// As the endpoint takes it; none if the address is too long even without its query. A request
    /// with longer texts would be refused as a whole.
    pub(crate) fn within_limits(self) -> Option<Self> {
        let url = url_within_limits(self.url)?;
        let title = self.title.map(|title| {
            let end = title.floor_char_boundary(LABEL_MAX_BYTES);
            title.get(..end).unwrap_or_default().to_owned()
        });
        Some(Self { url, title })
    }
}

/// The address as the endpoint takes it: without query and fragment if it is too long with them,
/// and none if it is too long even so.
pub(crate) fn url_within_limits(url: String) -> Option<String> {
    if url.len() <= URL_MAX_BYTES {
        return Some(url);
    }
    let path = url.split(['?', '#']).next()?;
    (path.len() <= URL_MAX_BYTES).then(|| path.to_owned())
}

/// Where the visitor is, and what the endpoint knows of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visit {
    page: Option<Page>,
    /// The page that was posted last, or is part of the request for the conversation.
    reported: Option<Page>,
    /// How often the page was posted without an answer.
    tries: u32,
    next_at: Millis,
}

impl Visit {
    pub(crate) fn page(&self) -> Option<&Page> {
        self.page.as_ref()
    }

    /// The visitor is on this page now.
    pub(crate) fn is_on(&mut self, page: Page) {
        if let Some(page) = page.within_limits()
            && self.page.as_ref() != Some(&page)
        {
            self.page = Some(page);
            self.tries = 0;
        }
    }

    /// The request for a conversation contains the page.
    pub(crate) fn is_in_request(&mut self) {
        self.reported.clone_from(&self.page);
    }

    /// When the page is to be posted; none if it was. May be in the past.
    pub(crate) fn due(&self) -> Option<Millis> {
        (self.page.is_some() && self.page != self.reported).then_some(self.next_at)
    }

    /// The page to post now, which counts as posted.
    pub(crate) fn next(&mut self, now: Millis) -> Option<Page> {
        self.due().filter(|due| now >= *due)?;
        self.next_at = now.saturating_add(PAGES_EVERY);
        self.reported.clone_from(&self.page);
        self.page.clone()
    }

    /// The POST of this page got no answer. It is posted again, not before `at`, but not for ever.
    pub(crate) fn unanswered(&mut self, page: &Page, at: Millis) {
        self.next_at = self.next_at.max(at);
        if self.page.as_ref() != Some(page) {
            return;
        }
        self.tries += 1;
        if self.tries < PAGE_TRIES_MAX {
            self.reported = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(url: &str) -> Page {
        Page {
            url: url.into(),
            title: None,
        }
    }

    #[test]
    fn of_several_pages_in_a_short_time_the_last_is_posted() {
        let mut visit = Visit::default();
        assert_eq!(visit.due(), None);
        visit.is_on(page("/a"));
        assert_eq!(visit.next(1_000), Some(page("/a")));
        visit.is_on(page("/a"));
        assert_eq!(visit.due(), None);
        visit.is_on(page("/b"));
        visit.is_on(page("/c"));
        assert_eq!(visit.next(1_500), None);
        assert_eq!(visit.due(), Some(1_000 + PAGES_EVERY));
        assert_eq!(visit.next(1_000 + PAGES_EVERY), Some(page("/c")));
        visit.is_on(page("/d"));
        visit.is_on(page("/c"));
        assert_eq!(visit.due(), None, "the visitor has come back to it");
    }

    #[test]
    fn a_page_is_not_posted_for_ever() {
        let mut visit = Visit::default();
        visit.is_on(page("/a"));
        let mut posted = 0;
        while let Some(at) = visit.due() {
            let page = visit.next(at).unwrap();
            visit.unanswered(&page, at);
            posted += 1;
        }
        assert_eq!(posted, PAGE_TRIES_MAX);
        visit.is_on(page("/b"));
        assert!(visit.due().is_some(), "the next page is another matter");
    }

    #[test]
    fn texts_are_as_long_as_the_endpoint_takes_them() {
        let long = |n: usize| "é".repeat(n);
        let fitting = |url: String, title: &str| {
            let title = Some(title.to_owned());
            Page { url, title }.within_limits()
        };
        let found = fitting(format!("https://a.example/x?{}", long(2_000)), &long(513));
        let found = found.unwrap();
        assert_eq!(found.url, "https://a.example/x");
        assert_eq!(found.title, Some(long(512)));
        let cut = fitting("/".into(), &format!("a{}", long(600)));
        assert_eq!(cut.unwrap().title.unwrap().len(), LABEL_MAX_BYTES - 1);
        assert_eq!(
            fitting(format!("https://a.example/{}", long(2_000)), ""),
            None
        );
    }
}
