//! Content negotiation (RFC 9110, `Accept-Encoding`).

use axum::http::{HeaderMap, header::ACCEPT_ENCODING};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The name in `Content-Encoding`; `None` for no encoding.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// Makes the `ETag`s of one content's forms different.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Gzip => "-gz",
            Self::Identity => "",
        }
    }
}

/// The smallest available form that the client accepts.
pub(super) fn choose(request: &HeaderMap, brotli: bool, gzip: bool) -> Encoding {
    let accepts = |coding: &str| {
        request
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|item| accepts_item(item, coding))
    };
    if brotli && accepts("br") {
        Encoding::Brotli
    } else if gzip && accepts("gzip") {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}

/// Whether one item of the header, such as `br;q=0.5`, accepts `coding`.
fn accepts_item(item: &str, coding: &str) -> bool {
    let mut parts = item.split(';').map(str::trim);
    parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case(coding))
        && !parts.any(|parameter| {
            parameter
                .strip_prefix("q=")
                .and_then(|quality| quality.trim().parse::<f32>().ok())
                == Some(0.0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_accepted_encoding_is_chosen() {
        for (header, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("BR;q=0.1, gzip;q=1", Encoding::Brotli),
            ("br;q=0, gzip", Encoding::Gzip),
            ("br; q=0.000, gzip ;q=0", Encoding::Identity),
            ("deflate", Encoding::Identity),
            ("", Encoding::Identity),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, header.parse().unwrap())]);
            assert_eq!(choose(&headers, true, true), expected, "{header}");
        }
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, "br, gzip".parse().unwrap())]);
        assert_eq!(choose(&headers, false, true), Encoding::Gzip);
        assert_eq!(choose(&headers, false, false), Encoding::Identity);
        assert_eq!(choose(&HeaderMap::new(), true, true), Encoding::Identity);
    }
}
