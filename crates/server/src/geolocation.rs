//! Where a client's address is thought to be, by a file of the operator's in the format of
//! MaxMind's databases. It knows addresses and nothing of visitors.
//!
//! What must stay true: no other machine is asked. A file that is damaged is refused when the
//! endpoint starts.

use std::{collections::BTreeMap, fmt, net::IpAddr, sync::Arc};

use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

use crate::store::row::Location;

/// The language of names. Every such file has it.
const LANGUAGE: &str = "en";

/// Finds the location of an address; by default of none.
#[derive(Clone, Default)]
pub struct Geolocation(Option<Arc<Reader<Vec<u8>>>>);

impl Geolocation {
    /// Reads all of a file, which stays in memory.
    ///
    /// # Errors
    /// When it is no such file, or is damaged.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, MaxMindDbError> {
        let reader = Reader::from_source(bytes)?;
        reader.verify()?;
        Ok(Self(Some(Arc::new(reader))))
    }

    /// `None` for an address that the file does not have.
    pub(crate) fn locate(&self, address: IpAddr) -> Option<Location> {
        let found = self.0.as_ref()?.lookup(address).ok()?;
        let place: Place = found.decode().ok()??;
        let subdivision = place.subdivisions.into_iter().next().unwrap_or_default();
        let location = Location {
            country_code: place.country.iso_code,
            country: named(place.country.names),
            region_code: subdivision.iso_code,
            region: named(subdivision.names),
            city: named(place.city.names),
            time_zone: place.location.time_zone,
            organization: place
                .traits
                .organization
                .or(place.autonomous_system_organization),
            latitude: place.location.latitude,
            longitude: place.location.longitude,
        };
        (location != Location::default()).then_some(location)
    }
}

impl fmt::Debug for Geolocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.0.as_ref().map(|it| &it.metadata().database_type);
        f.debug_tuple("Geolocation").field(&kind).finish()
    }
}

fn named(mut names: BTreeMap<String, String>) -> Option<String> {
    names.remove(LANGUAGE).filter(|name| !name.is_empty())
}

/// What a database of cities, countries or networks has of an address. Each has a part of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    city: Named,
    country: Named,
    subdivisions: Vec<Named>,
    location: Coordinates,
    traits: Traits,
    autonomous_system_organization: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    iso_code: Option<String>,
    names: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Coordinates {
    latitude: Option<f64>,
    longitude: Option<f64>,
    time_zone: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Traits {
    organization: Option<String>,
}

#[cfg(test)]
#[allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "it is a test's own file"
)]
#[path = "../tests/mmdb/mod.rs"]
mod mmdb;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn located(geolocation: &Geolocation, address: &str) -> Option<Location> {
        geolocation.locate(address.parse().unwrap())
    }

    #[test]
    fn an_address_is_found_by_its_network() {
        let file = mmdb::database(&[
            ("198.51.100.0/24", mmdb::city()),
            ("2001:db8::/32", json!({ "country": { "iso_code": "DE" } })),
            (
                "203.0.113.0/24",
                json!({ "autonomous_system_organization": "Net" }),
            ),
            ("192.0.2.0/24", json!({ "other": "members" })),
        ]);
        let geolocation = Geolocation::from_bytes(file).unwrap();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            located(&geolocation, "198.51.100.7"),
            Some(Location {
                country_code: text("PL"),
                country: text("Poland"),
                region_code: text("02"),
                region: text("Dolnoslaskie"),
                city: text("Wroclaw"),
                time_zone: text("Europe/Warsaw"),
                organization: text("Example Net"),
                latitude: Some(51.1043),
                longitude: Some(17.0335),
            })
        );
        let six = located(&geolocation, "2001:db8:1:2::").unwrap();
        assert_eq!(six.country_code, text("DE"));
        let network = located(&geolocation, "203.0.113.9").unwrap();
        assert_eq!(network.organization, text("Net"));
        for unknown in ["192.0.2.1", "198.51.101.7", "2001:db9::"] {
            assert_eq!(located(&geolocation, unknown), None, "{unknown}");
        }
        assert_eq!(located(&Geolocation::default(), "198.51.100.7"), None);
    }

    /// Wherever it is damaged, it is refused or finds something, and nothing panics.
    #[test]
    fn a_damaged_file_is_refused() {
        let file = mmdb::database(&[("198.51.100.0/24", mmdb::city())]);
        assert!(Geolocation::from_bytes(Vec::new()).is_err());
        assert!(Geolocation::from_bytes(b"country,city".to_vec()).is_err());
        for cut in [1, 40, file.len() / 2, file.len() - 1] {
            let cut_short = file[..cut].to_vec();
            assert!(Geolocation::from_bytes(cut_short).is_err(), "{cut}");
            let without_beginning = file[cut..].to_vec();
            assert!(Geolocation::from_bytes(without_beginning).is_err(), "{cut}");
        }
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0xff;
            if let Ok(geolocation) = Geolocation::from_bytes(damaged) {
                located(&geolocation, "198.51.100.7");
            }
        }
    }
}
