//! How large answers get. What is listed is cut where an answer is full: pages
//! have fewer items, and conversations begin later.

use std::io;

use serde::Serialize;

use crate::limits::ANSWER_MAX_BYTES;

/// Of an answer's bytes, what lists have in common: headings, cursors, and what else is in a
/// batch.
pub(crate) const FRAME_MAX_BYTES: usize = 16 * 1024;

/// How many bytes have room in an answer.
#[derive(Debug)]
pub(crate) struct Room(usize);

impl Room {
    pub(crate) fn in_answer() -> Self {
        Self(ANSWER_MAX_BYTES - FRAME_MAX_BYTES)
    }

    pub(crate) fn left(&self) -> usize {
        self.0
    }

    /// Takes the room that this needs as JSON. Returns whether there was enough;
    /// otherwise nothing is taken.
    pub(crate) fn take(&mut self, item: &impl Serialize) -> bool {
        let left = self.0.checked_sub(json_bytes(item));
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

/// The length as JSON.
pub(crate) fn json_bytes(value: &impl Serialize) -> usize {
    let mut count = Count(0);
    // What cannot be written is reported where it is written.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

/// How many of these must be left out at the beginning, so that the others have
/// `max_bytes` at most. The last one stays.
pub(crate) fn excess<T: Serialize>(items: &[T], max_bytes: usize) -> usize {
    let mut left = max_bytes;
    let fitting = items.iter().rev().take_while(|item| {
        // Each is followed by a comma.
        let after = left.checked_sub(json_bytes(item) + 1);
        left = after.unwrap_or(left);
        after.is_some()
    });
    items.len().saturating_sub(fitting.count().max(1))
}

/// As many of these as have room in one answer, and at least one, which
/// `shorten` shortens if it is larger than so many bytes.
pub(crate) fn as_many_as_fit<T: Serialize, E>(
    items: impl IntoIterator<Item = Result<T, E>>,
    shorten: impl FnOnce(&mut T, usize),
) -> Result<Vec<T>, E> {
    let mut room = Room::in_answer();
    let mut fitting = Vec::new();
    let mut items = items.into_iter();
    if let Some(first) = items.next() {
        let mut first = first?;
        if !room.take(&first) {
            shorten(&mut first, room.left());
            room = Room(0);
        }
        fitting.push(first);
    }
    for item in items {
        let item = item?;
        if !room.take(&item) {
            break;
        }
        fitting.push(item);
    }
    Ok(fitting)
}

struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn texts(count: usize, bytes: usize) -> Vec<String> {
        vec!["x".repeat(bytes); count]
    }

    fn fit(items: Vec<String>) -> Vec<usize> {
        let items = items.into_iter().map(Ok::<_, Infallible>);
        let fitting = as_many_as_fit(items, |first, max| first.truncate(max - 2));
        fitting.unwrap().iter().map(String::len).collect()
    }

    #[test]
    fn an_answer_has_as_many_items_as_fit_and_at_least_one() {
        let room = ANSWER_MAX_BYTES - FRAME_MAX_BYTES;
        assert_eq!(fit(Vec::new()), [0; 0]);
        assert_eq!(fit(texts(3, 10)), [10; 3]);
        assert_eq!(fit(texts(10, room / 4 - 2)).len(), 4);
        assert_eq!(fit(texts(10, room / 4 - 1)).len(), 3);
        assert_eq!(fit(texts(2, room - 2)), [room - 2]);
        assert_eq!(fit(texts(2, 2 * room)), [room - 2]);
    }

    #[test]
    fn the_oldest_are_too_many_and_the_newest_stays() {
        assert_eq!(excess::<u8>(&[], 10), 0);
        // Each needs seven bytes: its quotes, and a comma.
        let items = texts(3, 4);
        assert_eq!(excess(&items, 21), 0);
        assert_eq!(excess(&items, 20), 1);
        assert_eq!(excess(&items, 13), 2);
        assert_eq!(excess(&items, 0), 2);
    }
}
