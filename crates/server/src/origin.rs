//! Origins of pages: their normal form, and which of them may embed the chat.
//! It knows rows and strings, not requests.

use url::Url;

use crate::store::row::Deployment;

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
