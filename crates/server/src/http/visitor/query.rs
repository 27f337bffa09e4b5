//! Query parameters, in the spellings of real clients.

use axum::http::Uri;

use crate::conversation::EVENTS_MAX;

/// All parameters of a request.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn from_uri(uri: &Uri) -> Self {
        let items = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self(items.into_owned().collect())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A number of events, at most [`EVENTS_MAX`]; `None` when it is absent.
    pub(super) fn event_limit(&self, name: &str) -> Option<usize> {
        let wanted = usize::try_from(self.integer(name)?).ok()?;
        Some(wanted.clamp(1, EVENTS_MAX))
    }

    /// True for `1` and `true`.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), Some("1" | "true"))
    }

    /// A list: `A`, `[A]`, `A,B` or `[A,B]`. At most `max` entries are read.
    pub(super) fn ids(&self, name: &str, max: usize) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        text.trim_start_matches('[')
            .trim_end_matches(']')
            .split(',')
            .map(|id| id.trim().trim_matches('"').to_owned())
            .filter(|id| !id.is_empty())
            .take(max)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(query: &str) -> Vec<String> {
        let uri: Uri = format!("/x?{query}").parse().unwrap();
        Query::from_uri(&uri).ids("Availability.ids", 50)
    }

    #[test]
    fn ids_come_in_four_ways() {
        assert_eq!(ids("Availability.ids=A"), ["A"]);
        assert_eq!(ids("Availability.ids=[A]"), ["A"]);
        assert_eq!(ids("pc=1&Availability.ids=A,B"), ["A", "B"]);
        assert_eq!(ids("Availability.ids=[A,B]"), ["A", "B"]);
        assert_eq!(ids("Availability.ids=%5BA%2CB%5D"), ["A", "B"]);
        assert!(ids("").is_empty());
    }
}
