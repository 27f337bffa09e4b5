//! Goals of the site: what counts as a success of a chat. A visitor reaches one by opening a
//! page, or because the page says so by its name. It does not know chats or requests.

use parlor_wire::{
    DeploymentId,
    visitor::{GoalPage, Goals as VisibleGoals},
};
use url::Url;

/// A goal: a `[[goal]]` table of the settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// Given to its name when that is first in the file, and never to another.
    pub id: i64,
    /// There is no second goal of this name.
    pub name: String,
    /// May be empty.
    pub description: String,
    /// The pages that reach it; `None`: it is reached by its name alone.
    pub page: Option<PagePattern>,
    /// Chats of these deployments can reach it; empty for all.
    pub deployments: Vec<DeploymentId>,
}

impl Goal {
    /// Whether a chat of this deployment can reach it.
    pub(crate) fn is_of(&self, deployment: Option<&DeploymentId>) -> bool {
        let is_named = |id: &DeploymentId| self.deployments.contains(id);
        self.deployments.is_empty() || deployment.is_some_and(is_named)
    }

    /// Whether the page with this address reaches it.
    pub(crate) fn is_reached_at(&self, address: &str) -> bool {
        let page = self.page.as_ref();
        page.is_some_and(|page| path_of(address).is_some_and(|path| page.matches(&path)))
    }
}

/// What the browser of a visitor who has chatted needs of the goals; `None` where there are
/// none for this deployment.
pub(crate) fn visible(
    goals: &[Goal],
    deployment: &DeploymentId,
    days: u32,
) -> Option<VisibleGoals> {
    let of_deployment = goals.iter().filter(|goal| goal.is_of(Some(deployment)));
    let mut pages = Vec::new();
    let mut any = false;
    for goal in of_deployment {
        any = true;
        pages.extend(goal.page.as_ref().map(|page| GoalPage {
            goal: goal.name.clone(),
            path: page.0.clone(),
        }));
    }
    any.then(|| VisibleGoals {
        days: days.into(),
        pages,
    })
}

/// The path of a page's address, without query and fragment; `None` for what is no address.
fn path_of(address: &str) -> Option<String> {
    if address.starts_with('/') {
        let path = address.split(['?', '#']).next()?;
        return Some(path.to_owned());
    }
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.path().to_owned())
}

/// The most `*` of a pattern. The browser matches by a regular expression, which takes more
/// time with each.
const STARS_MAX: usize = 3;

/// The path of pages' addresses, in which `*` stands for any text, also for none and for one
/// with slashes. Case matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePattern(String);

impl PagePattern {
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(pattern: &str) -> Result<Self, &'static str> {
        if !pattern.starts_with('/') || pattern.contains(['?', '#']) {
            return Err("expected the path of an address, as /checkout/thanks or /blog/*");
        }
        if !pattern.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("expected a path as browsers copy it, as /gr%C3%B6%C3%9Fen");
        }
        match pattern.matches('*').count() {
            0..=STARS_MAX => Ok(Self(pattern.to_owned())),
            _ => Err("it has more than three *"),
        }
    }

    fn matches(&self, path: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(rest) = parts.next().and_then(|first| path.strip_prefix(first)) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        let Some(mut rest) = rest.strip_suffix(last) else {
            return false;
        };
        for part in parts {
            let Some((_, after)) = rest.split_once(part) else {
                return false;
            };
            rest = after;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, address, expected) in [
            ("/thanks", "https://shop.example/thanks", true),
            ("/thanks", "https://shop.example/thanks?order=7#top", true),
            ("/thanks", "/thanks?order=7", true),
            ("/thanks", "https://shop.example/thanks/", false),
            ("/thanks", "https://shop.example/en/thanks", false),
            ("/thanks", "https://shop.example/Thanks", false),
            ("/thanks", "https://shop.example/?/thanks", false),
            ("/thanks*", "https://shop.example/thanks", true),
            ("/thanks*", "https://shop.example/thanks/a/b", true),
            ("/*/thanks", "https://shop.example/en/thanks", true),
            ("/*/thanks", "https://shop.example/thanks", false),
            ("/a*b*c", "/a1b2b3c", true),
            ("/a*b*c", "/ac", false),
            // What is before and after a star does not overlap.
            ("/ab*ba", "/aba", false),
            ("/*", "https://shop.example", true),
            ("/gr%C3%B6%C3%9Fen", "https://shop.example/größen", true),
            ("/*", "about:blank", false),
            ("/*", "nonsense", false),
        ] {
            let goal = Goal {
                id: 1,
                name: "G".to_owned(),
                description: String::new(),
                page: Some(PagePattern::parse(pattern).unwrap()),
                deployments: Vec::new(),
            };
            let found = goal.is_reached_at(address);
            assert_eq!(found, expected, "{pattern} {address}");
        }
    }

    #[test]
    fn a_pattern_is_a_path() {
        for wrong in [
            "",
            "thanks",
            "https://shop.example/",
            "/a?b",
            "/a#b",
            "/ö",
            "/a b",
            "/****",
        ] {
            assert!(PagePattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
