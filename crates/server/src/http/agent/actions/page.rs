//! Pagination. A `page_id` contains all parameters of the listing and the row
//! at the page's edge, so that pages stay stable while rows are added and
//! removed. It is opaque to clients, and validated like any other input.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use parlor_wire::{agent::SortOrder, limits::PAGE_LIMIT_MAX};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::super::error::{ApiError, Result};
use crate::clock::Timestamp;

/// The sort key of rows.
pub(super) type Key = (Timestamp, String);

/// The pagination parameters of a request.
#[derive(Debug)]
pub(super) struct PageRequest<F> {
    /// The name of the action that lists.
    pub(super) list: &'static str,
    pub(super) page_id: Option<String>,
    pub(super) sort_order: Option<SortOrder>,
    pub(super) filters: Option<F>,
    pub(super) limit: Option<u64>,
    pub(super) limit_default: u64,
}

/// A validated page to read.
#[derive(Debug)]
pub(super) struct PageQuery<F> {
    list: &'static str,
    ascending: bool,
    pub(super) filters: F,
    pub(super) limit: usize,
    cursor: Option<Cursor>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Cursor {
    /// Read the page before this row instead of the page after it.
    back: bool,
    at: i64,
    id: String,
}

#[derive(Serialize, Deserialize)]
struct PageId<F> {
    list: String,
    ascending: bool,
    filters: F,
    limit: u64,
    cursor: Cursor,
}

/// The rows of a page in the requested order, with the ids of the neighbouring
/// pages.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

impl<F: Serialize + DeserializeOwned + Default> PageRequest<F> {
    pub(super) fn resolve(self) -> Result<PageQuery<F>> {
        if let Some(limit) = self.limit {
            check_limit(limit)?;
        }
        let Some(page_id) = &self.page_id else {
            return Ok(PageQuery {
                list: self.list,
                ascending: is_ascending(self.sort_order.as_ref())?,
                filters: self.filters.unwrap_or_default(),
                limit: size(self.limit.unwrap_or(self.limit_default)),
                cursor: None,
            });
        };
        if self.filters.is_some() || self.sort_order.is_some() {
            return Err(ApiError::validation(
                "page_id holds filters and sort_order: leave them out",
            ));
        }
        let page: PageId<F> = decode(page_id)
            .filter(|page: &PageId<F>| page.list == self.list)
            .ok_or_else(|| ApiError::validation("page_id: not a page of this list"))?;
        check_limit(page.limit)?;
        Ok(PageQuery {
            list: self.list,
            ascending: page.ascending,
            filters: page.filters,
            limit: size(self.limit.unwrap_or(page.limit)),
            cursor: Some(page.cursor),
        })
    }
}

fn decode<F: DeserializeOwned>(page_id: &str) -> Option<PageId<F>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(page_id).ok()?).ok()
}

fn is_ascending(order: Option<&SortOrder>) -> Result<bool> {
    match order {
        None | Some(SortOrder::Descending) => Ok(false),
        Some(SortOrder::Ascending) => Ok(true),
        Some(SortOrder::Other(_)) => Err(ApiError::validation("sort_order: expected asc or desc")),
    }
}

fn check_limit(limit: u64) -> Result<()> {
    if (1..=PAGE_LIMIT_MAX).contains(&limit) {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "limit: expected 1 to {PAGE_LIMIT_MAX}"
    )))
}

fn size(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(1)
}

impl<F: Serialize> PageQuery<F> {
    /// Whether to read in ascending order. A previous page is read backwards
    /// from the cursor.
    pub(super) fn reads_ascending(&self) -> bool {
        self.ascending != self.turns_back()
    }

    fn turns_back(&self) -> bool {
        self.cursor.as_ref().is_some_and(|cursor| cursor.back)
    }

    /// The row after which to read.
    pub(super) fn after(&self) -> Option<Key> {
        let cursor = self.cursor.as_ref()?;
        Some((Timestamp(cursor.at), cursor.id.clone()))
    }

    /// How many rows to read. One more than the page has shows whether there is
    /// another page.
    pub(super) fn read_limit(&self) -> usize {
        self.limit + 1
    }

    /// Makes the page from the rows that were read as requested.
    pub(super) fn page<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> Key) -> Result<Page<T>> {
        let beyond = rows.len() > self.limit;
        rows.truncate(self.limit);
        let (before, after) = match &self.cursor {
            Some(cursor) if cursor.back => {
                rows.reverse();
                (beyond, true)
            }
            Some(_) => (true, beyond),
            None => (false, beyond),
        };
        let previous = rows.first().filter(|_| before).map(&key);
        let next = rows.last().filter(|_| after).map(&key);
        Ok(Page {
            previous: previous.map(|key| self.page_id(key, true)).transpose()?,
            next: next.map(|key| self.page_id(key, false)).transpose()?,
            rows,
        })
    }

    /// Puts rows, or what is shown of them, from the requested order into the one
    /// in which they are read, or back.
    pub(super) fn as_read<T>(&self, mut rows: Vec<T>) -> Vec<T> {
        if self.turns_back() {
            rows.reverse();
        }
        rows
    }

    /// Leaves only the first `count` rows on the page, as they are read. The
    /// others begin the next page in this direction.
    pub(super) fn shorten<T>(
        &self,
        page: &mut Page<T>,
        count: usize,
        key: impl Fn(&T) -> Key,
    ) -> Result<()> {
        let excess = page.rows.len().saturating_sub(count);
        if excess == 0 {
            return Ok(());
        }
        if self.turns_back() {
            page.rows.drain(..excess);
            let edge = page.rows.first().map(key);
            page.previous = edge.map(|key| self.page_id(key, true)).transpose()?;
        } else {
            page.rows.truncate(count);
            let edge = page.rows.last().map(key);
            page.next = edge.map(|key| self.page_id(key, false)).transpose()?;
        }
        Ok(())
    }

    /// Makes the page from all rows, sorted in ascending order.
    pub(super) fn slice<T>(&self, all: Vec<T>, key: impl Fn(&T) -> Key) -> Result<Page<T>> {
        let cursor = self.after();
        let rows: Vec<T> = if self.reads_ascending() {
            let beyond = |row: &T| cursor.as_ref().is_none_or(|cursor| key(row) > *cursor);
            all.into_iter()
                .filter(beyond)
                .take(self.read_limit())
                .collect()
        } else {
            let beyond = |row: &T| cursor.as_ref().is_none_or(|cursor| key(row) < *cursor);
            let back = all.into_iter().rev();
            back.filter(beyond).take(self.read_limit()).collect()
        };
        self.page(rows, key)
    }

    fn page_id(&self, (at, id): Key, back: bool) -> Result<String> {
        let page = PageId {
            list: self.list.to_owned(),
            ascending: self.ascending,
            filters: &self.filters,
            limit: u64::try_from(self.limit).unwrap_or(PAGE_LIMIT_MAX),
            cursor: Cursor { back, at: at.0, id },
        };
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&page)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(page_id: Option<String>, sort_order: Option<&str>) -> PageRequest<Option<bool>> {
        PageRequest {
            list: "numbers",
            page_id,
            sort_order: sort_order.map(SortOrder::from),
            filters: None,
            limit: None,
            limit_default: 2,
        }
    }

    fn key(n: &i64) -> Key {
        (Timestamp(n / 2), n.to_string())
    }

    fn turn(page_id: Option<String>, order: Option<&str>) -> Page<i64> {
        let query = request(page_id, order).resolve().unwrap();
        query.slice(vec![1, 2, 3, 4, 5], key).unwrap()
    }

    #[test]
    fn pages_turn_forwards_and_back() {
        for (order, pages) in [
            (Some("asc"), [vec![1, 2], vec![3, 4], vec![5]]),
            (None, [vec![5, 4], vec![3, 2], vec![1]]),
        ] {
            let first = turn(None, order);
            assert_eq!((&first.rows, &first.previous), (&pages[0], &None));
            let second = turn(first.next, None);
            assert_eq!(second.rows, pages[1]);
            let third = turn(second.next, None);
            assert_eq!((&third.rows, &third.next), (&pages[2], &None));
            let back = turn(third.previous, None);
            assert_eq!(back.rows, pages[1]);
            assert!(back.next.is_some());
            let back = turn(back.previous, None);
            assert_eq!((&back.rows, &back.previous), (&pages[0], &None));
        }
    }

    #[test]
    fn what_does_not_fit_on_a_page_is_on_the_next() {
        // Of each page of two rows, one fits.
        let turn = |page_id: Option<String>| {
            let query = request(page_id, None).resolve().unwrap();
            let mut page = query.slice(vec![1, 2, 3, 4, 5], key).unwrap();
            query.shorten(&mut page, 1, key).unwrap();
            (query, page)
        };
        let mut seen = Vec::new();
        let (_, mut page) = turn(None);
        loop {
            seen.extend(page.rows.clone());
            match page.next {
                Some(next) => page = turn(Some(next)).1,
                None => break,
            }
        }
        assert_eq!(seen, [5, 4, 3, 2, 1]);
        let mut back = Vec::new();
        while let Some(previous) = page.previous {
            page = turn(Some(previous)).1;
            back.extend(page.rows.clone());
        }
        assert_eq!(back, [2, 3, 4, 5]);
        let (query, page) = turn(None);
        assert_eq!(query.as_read(vec![5, 4]), [5, 4]);
        let (query, _) = turn(turn(page.next).1.previous);
        assert_eq!(query.as_read(vec![5, 4]), [4, 5]);
    }

    #[test]
    fn a_page_id_of_another_listing_is_refused() {
        let next = turn(None, None).next;
        let mut elsewhere = request(next.clone(), None);
        elsewhere.list = "letters";
        assert!(elsewhere.resolve().is_err());
        assert!(request(next, Some("asc")).resolve().is_err());
        assert!(
            request(Some("nonsense".to_owned()), None)
                .resolve()
                .is_err()
        );
        assert!(request(None, Some("sideways")).resolve().is_err());
    }

    #[test]
    fn limits_are_kept() {
        for (limit, good) in [(0, false), (1, true), (100, true), (101, false)] {
            let mut request = request(None, None);
            request.limit = Some(limit);
            assert_eq!(request.resolve().is_ok(), good, "{limit}");
        }
    }
}
