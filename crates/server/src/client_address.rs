//! The IP address of a client: of the connection, or, if that comes from a
//! trusted proxy, the address that the proxy adds to `X-Forwarded-For`.
//!
//! What must stay true: a header counts only on connections from a trusted
//! proxy. Anybody can send the header, so that otherwise everybody could choose
//! their address. (The crate `axum-client-ip` believes the header whoever
//! connects.)

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How many bits of an IPv6 address are one client: each household and each
/// server gets a network of 2^64 addresses.
const IPV6_CLIENT_BITS: u8 = 64;

/// The networks from which proxies connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl Default for TrustedProxies {
    /// This machine: programs on it are the operator's own.
    fn default() -> Self {
        let v4 = Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8);
        let v6 = Ipv6Net::from(std::net::Ipv6Addr::LOCALHOST);
        Self(vec![v4.into(), v6.into()])
    }
}

impl TrustedProxies {
    /// The proxies of these networks, and those on this machine.
    pub fn and_loopback(networks: impl IntoIterator<Item = IpNet>) -> Self {
        let mut trusted = Self::default();
        trusted.0.extend(networks);
        trusted
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address that a connection counts for: an IPv4 address, or an IPv6
    /// network. `None` for that of a trusted proxy, which has many clients.
    pub fn direct_client(&self, peer: IpAddr) -> Option<IpAddr> {
        let peer = peer.to_canonical();
        (!self.contains(peer)).then(|| network_of(peer))
    }

    /// The address that a request counts for: an IPv4 address, or an IPv6
    /// network. `None` if only a trusted proxy is known, which stands for many
    /// clients.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if let Some(client) = self.direct_client(peer) {
            return Some(client);
        }
        // Each proxy appends the address that connected to it: the last one that
        // is no proxy is the client's, and those before it are hearsay.
        let values = headers.get_all(&X_FORWARDED_FOR);
        let values: Vec<&str> = values.iter().filter_map(|v| v.to_str().ok()).collect();
        values
            .iter()
            .rev()
            .flat_map(|value| value.rsplit(','))
            .map_while(|text| parse(text.trim()))
            .find(|address| !self.contains(*address))
            .map(network_of)
    }
}

/// Some proxies add the port.
fn parse(text: &str) -> Option<IpAddr> {
    let address = text
        .parse()
        .or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// The address itself, or the first of its IPv6 network.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            Ipv6Net::new(v6, IPV6_CLIENT_BITS).map_or(address, |network| network.network().into())
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> Option<String> {
        let proxies = TrustedProxies::and_loopback(["10.0.0.0/8".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(&X_FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
        }
        let client = proxies.client(peer.parse().unwrap(), &headers);
        client.map(|address| address.to_string())
    }

    #[test]
    fn the_header_counts_only_on_connections_of_a_proxy() {
        for (peer, forwarded, address) in [
            ("192.0.2.1", &[][..], Some("192.0.2.1")),
            ("192.0.2.1", &["198.51.100.7"], Some("192.0.2.1")),
            ("127.0.0.1", &["198.51.100.7"], Some("198.51.100.7")),
            ("::1", &["198.51.100.7"], Some("198.51.100.7")),
            ("::ffff:10.0.0.1", &["198.51.100.7"], Some("198.51.100.7")),
            // What the client sent stands before what the proxy appended.
            (
                "10.0.0.1",
                &["203.0.113.9, 198.51.100.7"],
                Some("198.51.100.7"),
            ),
            (
                "10.0.0.1",
                &["203.0.113.9", "198.51.100.7"],
                Some("198.51.100.7"),
            ),
            // A chain of proxies.
            (
                "127.0.0.1",
                &["198.51.100.7,10.1.2.3"],
                Some("198.51.100.7"),
            ),
            ("10.0.0.1", &["198.51.100.7:4711"], Some("198.51.100.7")),
            ("10.0.0.1", &["[2001:db8::1]:4711"], Some("2001:db8::")),
            // The proxy alone stands for everybody.
            ("10.0.0.1", &[], None),
            ("10.0.0.1", &["127.0.0.1"], None),
            ("10.0.0.1", &["198.51.100.7, unknown"], None),
        ] {
            let found = client(peer, forwarded);
            assert_eq!(found.as_deref(), address, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let first = client("2001:db8:1:2::1", &[]);
        assert_eq!(first, client("2001:db8:1:2:ffff::9", &[]));
        assert_ne!(first, client("2001:db8:1:3::1", &[]));
    }
}
