//! Writes small files in the format of MaxMind's databases (MaxMind DB File Format
//! Specification 2.0), for tests.

use std::net::Ipv6Addr;

use ipnet::Ipv6Net;
use serde_json::{Value, json};

/// Precedes the metadata.
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// A database with this data for each of the networks; an IPv4 network is one of the first
/// 2^32 addresses.
pub(crate) fn database(networks: &[(&str, Value)]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut tree = Tree::default();
    for (network, value) in networks {
        let network = match network.parse().unwrap() {
            ipnet::IpNet::V4(v4) => {
                let address = u128::from(u32::from(v4.addr()));
                Ipv6Net::new(Ipv6Addr::from(address), v4.prefix_len() + 96).unwrap()
            }
            ipnet::IpNet::V6(v6) => v6,
        };
        tree.insert(network, data.len());
        encode(value, &mut data);
    }
    let mut file = tree.bytes();
    // Separates the tree from the data.
    file.extend([0; 16]);
    file.extend(data);
    file.extend(MARKER);
    head(MAP, 9, &mut file);
    for (name, value) in [
        ("database_type", json!("Test-City")),
        ("description", json!({ "en": "For tests" })),
        ("languages", json!(["en"])),
    ] {
        encode(&json!(name), &mut file);
        encode(&value, &mut file);
    }
    // Each has a type of its own.
    for (name, kind, value) in [
        ("binary_format_major_version", U16, 2),
        ("binary_format_minor_version", U16, 0),
        ("build_epoch", U64, 1_767_225_600),
        ("ip_version", U16, 6),
        ("node_count", U32, tree.nodes.len()),
        ("record_size", U16, 32),
    ] {
        encode(&json!(name), &mut file);
        let bytes = (value as u64).to_be_bytes();
        head(kind, size_of_kind(kind), &mut file);
        file.extend(&bytes[8 - size_of_kind(kind)..]);
    }
    file
}

const TEXT: u8 = 2;
const DOUBLE: u8 = 3;
const U16: u8 = 5;
const U32: u8 = 6;
const MAP: u8 = 7;
const U64: u8 = 9;
const ARRAY: u8 = 11;

fn size_of_kind(kind: u8) -> usize {
    match kind {
        U16 => 2,
        U32 => 4,
        _ => 8,
    }
}

/// A city as MaxMind's databases describe one.
pub(crate) fn city() -> Value {
    let named = |name: &str| json!({ "de": "nicht", "en": name });
    json!({
        "city": { "geoname_id": 3_081_368, "names": named("Wroclaw") },
        "country": { "iso_code": "PL", "names": named("Poland") },
        "location": { "latitude": 51.1043, "longitude": 17.0335, "time_zone": "Europe/Warsaw" },
        "subdivisions": [{ "iso_code": "02", "names": named("Dolnoslaskie") }],
        "traits": { "organization": "Example Net" },
    })
}

#[derive(Clone, Copy)]
enum Branch {
    Nothing,
    Node(usize),
    /// Where the data begin.
    Data(usize),
}

struct Tree {
    nodes: Vec<[Branch; 2]>,
}

impl Default for Tree {
    fn default() -> Self {
        let nodes = vec![[Branch::Nothing; 2]];
        Self { nodes }
    }
}

impl Tree {
    fn insert(&mut self, network: Ipv6Net, data: usize) {
        let bits = u128::from(network.network());
        let length = network.prefix_len();
        let mut node = 0;
        for depth in 0..length {
            let side = usize::from((bits >> (127 - depth)) & 1 == 1);
            if depth + 1 == length {
                self.nodes[node][side] = Branch::Data(data);
                return;
            }
            node = match self.nodes[node][side] {
                Branch::Node(next) => next,
                _ => {
                    self.nodes.push([Branch::Nothing; 2]);
                    let next = self.nodes.len() - 1;
                    self.nodes[node][side] = Branch::Node(next);
                    next
                }
            };
        }
    }

    /// Two numbers of 32 bits for each node.
    fn bytes(&self) -> Vec<u8> {
        let count = self.nodes.len();
        let number = |branch: &Branch| match branch {
            Branch::Nothing => count,
            Branch::Node(at) => *at,
            Branch::Data(at) => count + 16 + at,
        };
        let numbers = self.nodes.iter().flatten().map(number);
        numbers
            .flat_map(|number| u32::try_from(number).unwrap().to_be_bytes())
            .collect()
    }
}

fn encode(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            head(MAP, members.len(), out);
            for (name, value) in members {
                encode(&json!(name), out);
                encode(value, out);
            }
        }
        Value::Array(items) => {
            head(ARRAY, items.len(), out);
            items.iter().for_each(|item| encode(item, out));
        }
        Value::String(text) => {
            head(TEXT, text.len(), out);
            out.extend(text.as_bytes());
        }
        Value::Number(number) => match number.as_u64() {
            Some(number) => {
                head(U64, 8, out);
                out.extend(number.to_be_bytes());
            }
            None => {
                head(DOUBLE, 8, out);
                out.extend(number.as_f64().unwrap().to_be_bytes());
            }
        },
        other => panic!("{other} is not needed"),
    }
}

/// Type and size of a value. Types above 7 have a byte of their own.
fn head(kind: u8, size: usize, out: &mut Vec<u8>) {
    let (size, more) = match size {
        0..29 => (u8::try_from(size).unwrap(), None),
        _ => (29, Some(u8::try_from(size - 29).unwrap())),
    };
    match kind {
        8.. => out.extend([size, kind - 7]),
        _ => out.push(kind << 5 | size),
    }
    out.extend(more);
}
