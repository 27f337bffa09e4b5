//! Values that must never be logged: visitors' messages, names, e-mail
//! addresses, keys.

use std::fmt;

use serde::Deserialize;

/// Prints as `[private]`, whatever it contains. It can be read from JSON and
/// kept in the database; as JSON it is only written on purpose.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Private<T>(pub T);

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_value_prints_nothing_of_itself() {
        assert_eq!(format!("{:?}", Private("jon@example.com")), "[private]");
    }
}
