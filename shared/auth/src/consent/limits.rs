//! How often a browser may make this service work before anything is proven, for one
//! process. A step that costs a row or a request at Entra ID counts against the invite that
//! the attempt began with or, without one, against the address that it came from and
//! against all strangers together. A look at the table counts against address and all.
//!
//! The arithmetic is in decision 0033. What is refused has cost nothing and used nothing up.

use std::net::{IpAddr, Ipv6Addr};

use crate::cause::CauseCode;
use crate::invite::InviteKey;
use crate::limit::{Exceeded, Limit, Rate};
use crate::timestamp::Timestamp;

/// Steps of strangers at one address: an office of 50 behind one address takes 3 steps each,
/// twice, and finds room.
const STEPS_OF_ADDRESS: Rate = Rate::of(320, 1000);
/// Steps of all strangers: two such offices at once, then five a second.
const STEPS_OF_STRANGERS: Rate = Rate::of(640, 200);
/// Steps with one invite: a dozen whole attempts, then one in a minute.
const STEPS_OF_INVITE: Rate = Rate::of(40, 15_000);
/// Looks of one address: two for each attempt, and as many reloads.
const LOOKS_OF_ADDRESS: Rate = Rate::of(640, 500);
/// Looks of all: as many as the gateway lets in (20 a second on each route).
const LOOKS_OF_ALL: Rate = Rate::of(1280, 50);

/// Where a request came from, as the gateway saw it: an IPv4 address, or the /64 that one
/// subscriber has of IPv6. Requests without one share a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source(Option<IpAddr>);

impl Source {
    /// The source at `address`, which comes from the gateway and never from a header.
    pub fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(network(address)),
        }))
    }
}

fn network(address: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)
}

/// The limits with what they remember.
pub struct Limits {
    strangers: Limit<Source>,
    invited: Limit<InviteKey>,
    looks: Limit<Source>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            strangers: Limit::new(STEPS_OF_ADDRESS, Some(STEPS_OF_STRANGERS)),
            invited: Limit::new(STEPS_OF_INVITE, None),
            looks: Limit::new(LOOKS_OF_ADDRESS, Some(LOOKS_OF_ALL)),
        }
    }
}

impl Limits {
    /// Before a step of an attempt costs a row or a request at Entra ID. `invite`: out of
    /// our own seal, so that it is a real one.
    pub(super) fn step(
        &self,
        invite: Option<&InviteKey>,
        source: Source,
        now: Timestamp,
    ) -> Result<(), CauseCode> {
        let taken = match invite {
            Some(invite) => self.invited.take(invite, now),
            None => self.strangers.take(&source, now),
        };
        taken.map_err(|exceeded| refused("steps", exceeded))
    }

    /// Before the table is read for a request that has proven nothing.
    pub(super) fn look(&self, source: Source, now: Timestamp) -> Result<(), CauseCode> {
        let taken = self.looks.take(&source, now);
        taken.map_err(|exceeded| refused("looks", exceeded))
    }
}

fn refused(what: &'static str, exceeded: Exceeded) -> CauseCode {
    if let Some(count) = exceeded.report {
        tracing::warn!(
            event = "consent_limited",
            what,
            count,
            "{count} {what} at the consent pages were refused: too many at once"
        );
    }
    CauseCode::TooManyRequests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invite::InviteId;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn invite(byte: u8) -> InviteKey {
        InviteId::new([byte; 24]).key()
    }

    fn source(address: &str) -> Source {
        Source::of(Some(address.parse().unwrap()))
    }

    fn steps(limits: &Limits, invite: Option<&InviteKey>, source: Source, tries: u32) -> u32 {
        let tried = (0..tries).filter(|_| limits.step(invite, source, NOW).is_ok());
        tried.count().try_into().unwrap()
    }

    #[test]
    fn an_address_is_one_of_ipv4_or_a_subscribers_network() {
        let rows = [
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("203.0.113.7", "::ffff:203.0.113.7", true),
            ("203.0.113.7", "::203.0.113.7", false),
            ("2001:db8::1", "2001:db8::2", true),
            ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("2001:db8::1", "2001:db9::1", false),
            ("fe80::1", "fe80::2:3", true),
            ("127.0.0.1", "::1", false),
        ];
        for (one, other, same) in rows {
            assert_eq!(source(one) == source(other), same, "{one} {other}");
        }
        assert_ne!(Source::of(None), source("0.0.0.0"));
    }

    #[test]
    fn an_office_behind_one_address_is_never_held_back() {
        let limits = Limits::default();
        let office = source("203.0.113.7");
        // Fifty colleagues and the admin, who all begin twice: sign-in, confirmation, consent.
        assert_eq!(steps(&limits, None, office, 51 * 3 * 2), 51 * 3 * 2);
        let looks = (0..51 * 4 * 2).filter(|_| limits.look(office, NOW).is_ok());
        assert_eq!(looks.count(), 51 * 4 * 2);
    }

    #[test]
    fn strangers_hold_back_strangers_and_no_invite() {
        let limits = Limits::default();
        let (one, other, third) = (
            source("203.0.113.7"),
            source("198.51.100.1"),
            source("2001:db8::1"),
        );
        let (first, second) = (invite(1), invite(2));
        // Invite, source, tries, how many get through.
        let rows = [
            (None, one, 10_000, 320),
            (None, one, 1, 0),
            (Some(&first), one, 1, 1),
            (None, other, 10_000, 320),
            (None, third, 10_000, 0),
            (None, Source::of(None), 1, 0),
            (Some(&first), third, 39, 39),
            (Some(&first), third, 1, 0),
            (Some(&first), Source::of(None), 1, 0),
            (Some(&second), third, 10_000, 40),
        ];
        for (number, (invite, source, tries, expected)) in rows.into_iter().enumerate() {
            let found = steps(&limits, invite, source, tries);
            assert_eq!(found, expected, "row {number}");
        }
        let refused = limits.step(None, one, NOW);
        assert_eq!(refused, Err(CauseCode::TooManyRequests));
    }
}
