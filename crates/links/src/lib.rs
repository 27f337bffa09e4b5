//! Finds the links in a text: `http://` and `https://` addresses, what begins
//! with `www.`, and mailboxes. The widget and the console both use it, so that
//! visitor and agent see the same links.
//!
//! It knows no DOM, and no list of schemes or top-level domains. Every link
//! begins and ends between two characters, links never overlap, and the time
//! is linear in the length of the text.
//!
//! `linkify` was tried first: it takes every character beyond ASCII as part of
//! an address, so that a link swallows the full-width punctuation behind it,
//! and a mailbox the Chinese word before it.

mod characters;
mod host;
mod mailbox;
mod web;

use characters::last;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text between links.
    Text(&'a str),
    /// A link, as it stands in the text, and where it leads.
    Link {
        /// An `http:`, `https:` or `mailto:` address.
        href: String,
        /// The link as it was written.
        text: &'a str,
    },
}

/// The whole text, cut into links and what is between them.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut done = 0;
    for link in links(text) {
        pieces.extend(non_empty(text, done, link.start));
        pieces.push(Piece::Link {
            href: link.href(),
            text: link.text,
        });
        done = link.start + link.text.len();
    }
    pieces.extend(non_empty(text, done, text.len()));
    pieces
}

fn non_empty(text: &str, start: usize, end: usize) -> Option<Piece<'_>> {
    let between = text.get(start..end)?;
    (!between.is_empty()).then_some(Piece::Text(between))
}

/// A link in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    /// The byte of the text at which it begins.
    pub start: usize,
    /// The link as it was written.
    pub text: &'a str,
    /// Its kind.
    pub kind: Kind,
}

/// The three kinds of links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It begins with `http://` or `https://`.
    Web,
    /// It begins with `www.`, and its scheme is left out.
    Www,
    /// A mailbox, as in `ada@shop.example`.
    Mailbox,
}

impl Link<'_> {
    /// The address that the link leads to.
    pub fn href(&self) -> String {
        let scheme = match self.kind {
            Kind::Web => "",
            Kind::Www => "https://",
            Kind::Mailbox => "mailto:",
        };
        [scheme, self.text].concat()
    }
}

/// All links of a text, in their order.
pub fn links(text: &str) -> Links<'_> {
    Links {
        text,
        free: 0,
        next: 0,
    }
}

/// The iterator that [`links`] returns.
#[derive(Debug, Clone)]
pub struct Links<'a> {
    text: &'a str,
    /// The end of the last link: the next one begins here at the earliest.
    free: usize,
    /// The first byte that has not been looked at.
    next: usize,
}

impl<'a> Iterator for Links<'a> {
    type Item = Link<'a>;

    fn next(&mut self) -> Option<Link<'a>> {
        loop {
            // A link has one of these near its beginning. All of them are ASCII,
            // so that each stands between two characters.
            let is_sign = |byte: u8| matches!(byte, b'h' | b'H' | b'w' | b'W' | b'@' | b':');
            let rest = self.text.as_bytes().get(self.next..)?;
            let at = self.next + rest.iter().position(|byte| is_sign(*byte))?;
            self.next = at + 1;
            let (before, from) = self.text.split_at_checked(at)?;
            match from.as_bytes().first()? {
                b'@' => {
                    let local = before.get(self.free..)?;
                    if let Some((before_at, behind_at)) = mailbox::around(local, from) {
                        return self.found(at - before_at, at + behind_at, Kind::Mailbox);
                    }
                }
                // An address of another scheme is text, and so is all of it.
                b':' => {
                    if let Some(behind) = from.strip_prefix("://")
                        && last(before).is_some_and(|c| c.is_ascii_alphanumeric())
                    {
                        self.free = at + "://".len() + web::end(behind, None);
                        self.next = self.free;
                    }
                }
                _ => {
                    if let Some((length, kind)) = web::at_start(last(before), from) {
                        return self.found(at, at + length, kind);
                    }
                }
            }
        }
    }
}

impl<'a> Links<'a> {
    fn found(&mut self, start: usize, end: usize, kind: Kind) -> Option<Link<'a>> {
        self.free = end;
        self.next = end;
        let text = self.text.get(start..end)?;
        Some(Link { start, text, kind })
    }
}
