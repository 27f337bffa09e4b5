//! Origins of pages: their normal form, and which of them may embed the chat.
//! It knows rows and strings, not requests.

use axum::http::HeaderName;
use url::{Host, Url};

use crate::store::row::Deployment;

/// Browsers state in it how the requesting page is related to this origin.
pub(crate) static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The normal form of an origin: `https://shop.example`, lower case, without
/// default port and path. `None` for anything that is no web origin.
pub fn normal(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !bare || !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let origin = url.origin().ascii_serialization();
    // It is written into headers, where other characters could end a directive.
    origin.bytes().all(is_plain).then_some(origin)
}

/// Whether a page of `origin` may embed this deployment's chat: an origin that
/// the deployment lists, or this endpoint's own. `host` is the request's
/// `Host`.
pub fn may_embed(
    deployment: &Deployment,
    origin: &str,
    host: Option<&str>,
    public_url: Option<&str>,
) -> bool {
    let Some(origin) = normal(origin) else {
        return false;
    };
    deployment
        .allowed_origins
        .iter()
        .any(|allowed| normal(allowed).as_deref() == Some(origin.as_str()))
        || is_own(&origin, host, public_url)
}

/// Whether an origin is this endpoint's own. Behind a proxy the browser's
/// scheme is unknown, so that the host alone decides.
pub fn is_own(origin: &str, host: Option<&str>, public_url: Option<&str>) -> bool {
    let own = |address: &str| normal(address).as_deref() == Some(origin);
    host.is_some_and(|host| own(&format!("http://{host}")) || own(&format!("https://{host}")))
        || public_url
            .and_then(|text| Url::parse(text).ok())
            .is_some_and(|url| url.origin().ascii_serialization() == origin)
}

/// The `Host` value, if it is safe to write into another header.
pub fn plain_host(host: &str) -> Option<&str> {
    (!host.is_empty() && host.bytes().all(|b| is_plain(b) && b != b'/')).then_some(host)
}

/// Whether `host` of a request is this endpoint's public address, with or
/// without the default port, or this machine, as for somebody who tries it.
pub fn is_own_host(host: &str, public_url: &str) -> bool {
    let Ok(public_url) = Url::parse(public_url) else {
        return false;
    };
    let asked = plain_host(host)
        .and_then(|host| Url::parse(&format!("{}://{host}", public_url.scheme())).ok());
    asked.is_some_and(|asked| asked.origin() == public_url.origin() || is_loopback(&asked))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._:/[]".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::row::DeploymentSettings;

    #[test]
    fn every_origin_has_one_normal_form() {
        for (text, origin) in [
            ("https://Shop.example", Some("https://shop.example")),
            ("https://shop.example:443/", Some("https://shop.example")),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("http://[::1]:80", Some("http://[::1]")),
            (
                "https://bücher.example",
                Some("https://xn--bcher-kva.example"),
            ),
            ("https://shop.example/path", None),
            ("https://shop.example?x", None),
            ("https://me@shop.example", None),
            ("https://a;script-src", None),
            ("https://*.example", None),
            ("file:///index.html", None),
            ("null", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(normal(text).as_deref(), origin, "{text}");
        }
    }

    #[test]
    fn the_endpoint_has_its_public_host_and_this_machine() {
        for (host, public_url, is_own) in [
            ("chat.example", "https://chat.example", true),
            ("CHAT.example", "https://chat.example/support", true),
            ("chat.example:443", "https://chat.example", true),
            ("chat.example", "https://chat.example:8443", false),
            ("chat.example:8443", "https://chat.example:8443", true),
            ("chat.example:80", "https://chat.example", false),
            ("localhost:8080", "https://chat.example", true),
            ("127.0.0.1:8080", "https://chat.example", true),
            ("[::1]:8080", "https://chat.example", true),
            ("192.0.2.1", "https://chat.example", false),
            ("localhost.evil.example", "https://chat.example", false),
            ("evil.example", "https://chat.example", false),
            ("chat.example.evil.example", "https://chat.example", false),
            ("me@chat.example", "https://chat.example", false),
            ("chat.example/x", "https://chat.example", false),
            ("", "https://chat.example", false),
        ] {
            assert_eq!(is_own_host(host, public_url), is_own, "{host}");
        }
    }

    #[test]
    fn listed_and_own_origins_may_embed() {
        let deployment = Deployment {
            id: "572".into(),
            name: String::new(),
            allowed_origins: vec!["https://shop.example".to_owned()],
            settings: DeploymentSettings::default(),
        };
        let may = |origin| {
            may_embed(
                &deployment,
                origin,
                Some("127.0.0.1:8080"),
                Some("https://chat.example/x"),
            )
        };
        assert!(may("https://shop.example"));
        assert!(may("http://127.0.0.1:8080"));
        assert!(may("https://chat.example"));
        for stranger in [
            "http://shop.example",
            "https://shop.example:8443",
            "https://evil.example",
            "http://127.0.0.1",
            "http://chat.example",
            "null",
            "",
        ] {
            assert!(!may(stranger), "{stranger}");
        }
    }
}
