//! The agents' feed.

use std::sync::Arc;

use super::state::{State, at_most};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        row::{Feed, NewFeed},
    },
};

impl State {
    pub(super) fn append_feed(&mut self, row: &NewFeed) -> Result<i64> {
        let position = self.feed_position.saturating_add(1);
        self.feed_position = position;
        self.feed.insert(
            position,
            Arc::new(Feed {
                position,
                action: row.action.clone(),
                payload: row.payload.clone(),
                created_at: row.created_at,
            }),
        );
        Ok(position)
    }

    pub(super) fn feed(&self, after: i64, limit: i64) -> Vec<Feed> {
        self.feed
            .range(after.saturating_add(1)..)
            .take(at_most(limit))
            .map(|(_, row)| Feed::clone(row))
            .collect()
    }

    pub(super) fn feed_range(&self) -> (i64, i64) {
        let newest = self.feed_position;
        match self.feed.get_min() {
            Some((oldest, _)) => (*oldest, newest),
            None if newest == 0 => (0, 0),
            None => (newest.saturating_add(1), newest),
        }
    }

    pub(super) fn trim_feed(&mut self, before: Timestamp) {
        let old: Vec<i64> = self
            .feed
            .values()
            .filter(|row| row.created_at < before)
            .map(|row| row.position)
            .collect();
        for position in &old {
            self.feed.remove(position);
        }
    }
}
