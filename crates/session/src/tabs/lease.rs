//! Who leads, where the browser has no locks: a lease in the storage that all
//! tabs share. Pure: the driver reads and writes the record, and asks here what
//! it means.
//!
//! Two tabs may write at once; the later record stands. So whoever has written
//! a claim looks again after [`CLAIM_SETTLES`], and leads only if it is still
//! there.

use serde::{Deserialize, Serialize};

use super::TabId;
use crate::Millis;

/// A lease that is not renewed for so long is free, for a tab that is looked
/// at: a take-over is to be over within a second.
pub const LEASE_LASTS: Millis = 700;

/// Renewed this often: twice before it runs out.
pub const RENEW_EVERY: Millis = 250;

/// Browsers let the timers of a hidden tab run once a minute. A tab that nobody
/// looks at waits for longer than that, or hidden tabs would take the lead from
/// each other in turns.
pub const HIDDEN_WAITS: Millis = 90_000;

/// Longer than two tabs take to see each other's writes.
pub const CLAIM_SETTLES: Millis = 50;

/// The record in storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    pub holder: TabId,
    /// By the device's clock. 0 when it was given back.
    pub until: Millis,
}

/// What a look at the record means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It is ours: write this, lead, and look again after [`RENEW_EVERY`].
    Ours(Lease),
    /// It is free: write this, and look again after [`CLAIM_SETTLES`].
    Claim(Lease),
    /// It is another's: follow, and look again at this time.
    Another(Millis),
}

/// Reads the record for the tab `me`.
pub fn look(now: Millis, kept: Option<&Lease>, me: &TabId, looked_at: bool) -> Look {
    let ours = Lease {
        holder: me.clone(),
        until: now.saturating_add(LEASE_LASTS),
    };
    match kept {
        // Also when it ran out: a hidden tab's timers are late, and whoever had
        // taken it would stand there.
        Some(lease) if lease.holder == *me && lease.until > 0 => Look::Ours(ours),
        Some(lease) => {
            let grace = if looked_at || lease.until == 0 {
                0
            } else {
                HIDDEN_WAITS
            };
            let free_at = lease.until.saturating_add(grace);
            // From further ahead than any lease reaches: the clock was put back.
            let from_elsewhere = lease.until > now.saturating_add(LEASE_LASTS);
            if now > free_at || from_elsewhere {
                Look::Claim(ours)
            } else {
                Look::Another(free_at.saturating_add(1))
            }
        }
        None => Look::Claim(ours),
    }
}

/// What a leader writes when its document goes away.
pub fn give_back(me: &TabId) -> Lease {
    Lease {
        holder: me.clone(),
        until: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tab(name: &str) -> TabId {
        TabId(name.into())
    }

    fn lease(holder: &str, until: Millis) -> Lease {
        Lease {
            holder: tab(holder),
            until,
        }
    }

    #[test]
    fn a_free_lease_is_claimed_and_led_by_once_it_stands() {
        let Look::Claim(written) = look(1_000, None, &tab("a"), true) else {
            panic!("not claimed");
        };
        assert_eq!(written, lease("a", 1_000 + LEASE_LASTS));
        let again = look(1_050, Some(&written), &tab("a"), true);
        assert_eq!(again, Look::Ours(lease("a", 1_050 + LEASE_LASTS)));
    }

    #[test]
    fn of_two_claims_the_later_write_stands() {
        let Look::Claim(first) = look(1_000, None, &tab("a"), true) else {
            panic!("not claimed");
        };
        let Look::Claim(second) = look(1_000, None, &tab("b"), true) else {
            panic!("not claimed");
        };
        // `b` wrote over `a`'s.
        assert!(matches!(
            look(1_050, Some(&second), &tab("a"), true),
            Look::Another(_)
        ));
        assert!(matches!(
            look(1_050, Some(&second), &tab("b"), true),
            Look::Ours(_)
        ));
        assert_ne!(first, second);
    }

    #[test]
    fn a_frozen_leader_loses_it_within_a_second_to_a_tab_that_is_looked_at() {
        let held = lease("a", 1_000);
        assert_eq!(
            look(900, Some(&held), &tab("b"), true),
            Look::Another(1_001)
        );
        assert!(matches!(
            look(1_001, Some(&held), &tab("b"), true),
            Look::Claim(_)
        ));
        // Thawed, it reads that another has it, or that nobody wanted it.
        let Look::Claim(taken) = look(1_001, Some(&held), &tab("b"), true) else {
            panic!("not claimed");
        };
        assert!(matches!(
            look(1_100, Some(&taken), &tab("a"), true),
            Look::Another(_)
        ));
        assert!(matches!(
            look(1_100, Some(&held), &tab("a"), true),
            Look::Ours(_)
        ));
    }

    #[test]
    fn what_was_given_back_is_claimed_anew_also_by_who_had_it() {
        let given_back = give_back(&tab("a"));
        assert!(matches!(
            look(1_000, Some(&given_back), &tab("a"), true),
            Look::Claim(_)
        ));
    }

    #[test]
    fn hidden_tabs_do_not_take_it_from_one_whose_timers_are_slow() {
        let held = lease("a", 1_000);
        let now = 1_000 + 60_000;
        assert!(matches!(
            look(now, Some(&held), &tab("b"), false),
            Look::Another(_)
        ));
        let given_back = give_back(&tab("a"));
        assert!(matches!(
            look(now, Some(&given_back), &tab("b"), false),
            Look::Claim(_)
        ));
    }

    #[test]
    fn a_lease_from_the_future_is_one_of_a_clock_that_was_put_back() {
        let held = lease("a", 9_000_000);
        assert!(matches!(
            look(1_000, Some(&held), &tab("b"), true),
            Look::Claim(_)
        ));
    }
}
