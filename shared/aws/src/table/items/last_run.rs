//! The item of the refresher's last run: one row, changed in part by each run that did
//! something, and fenced by its version. What was counted of nothing is left out.

use std::collections::BTreeMap;
use std::str::FromStr;

use auth::fleet::{FleetFault, FleetState};
use auth::last_run::{LastRun, LifeLeft, OfCloud, RequestUnits};
use auth::ports::StoreError;
use auth::version::Version;
use auth::{CauseCode, FailedBy, Timestamp};
use aws_sdk_dynamodb::types::AttributeValue;

use crate::table::attributes::{Reader, number, text, time};
use crate::table::change::{Change, Condition};
use crate::table::keys::{self, Item};

const CAUSES: &str = "causes";
const CHANGES: &str = "changes";
const CLOUDS: &str = "clouds";
const DOWN: &str = "down";
const ENDED_AT: &str = "ended_at";
const ENDED_EARLY: &str = "ended_early";
const FAILED_BY: &str = "failed_by";
const FAILURES: &str = "failures";
const FAULT: &str = "fault";
const LEAST_LIFE: &str = "least_life";
const MEDIAN_LIFE: &str = "median_life";
const READ_UNITS: &str = "read_units";
const REFRESHED: &str = "refreshed";
const RACES_LOST: &str = "races_lost";
const SKIPPED: &str = "skipped";
const SLOWEST_MS: &str = "slowest_ms";
const STARTED_AT: &str = "started_at";
const TOKEN_AT: &str = "token_at";
const WRITE_UNITS: &str = "write_units";

const PARTITION: &str = "RUN#refresh";
const SORT: &str = "RUN";

pub(crate) fn key() -> Item {
    keys::key(PARTITION, SORT)
}

/// It is as this run's writer read it.
pub(crate) fn as_read(run: &LastRun) -> Condition {
    match &run.version {
        Some(version) => Condition::version(version),
        None => Condition::Absent,
    }
}

/// What writing a run changes. `version`: of this write.
pub(crate) fn write(run: &LastRun, version: &Version) -> Change {
    let by = [
        run.failed_by.ours,
        run.failed_by.customer,
        run.failed_by.microsoft,
    ];
    let change = Change::default()
        .layout()
        .set(keys::VERSION, text(&version.0))
        .set(STARTED_AT, time(run.times.0))
        .set(ENDED_AT, time(run.times.1))
        .set(REFRESHED, number(run.refreshed))
        .set(RACES_LOST, number(run.lost))
        .set(SKIPPED, number(run.skipped))
        .set(FAILED_BY, list(by))
        .put(CAUSES, map(&run.causes, |count| number(count)))
        .put(
            CLOUDS,
            map(&run.clouds, |of| list([of.refreshed, of.failed])),
        )
        .put(SLOWEST_MS, run.slowest_ms.map(number))
        .put(LEAST_LIFE, run.life_left.map(|life| number(life.least)))
        .put(MEDIAN_LIFE, run.life_left.map(|life| number(life.median)))
        .set(READ_UNITS, number(run.units.read))
        .set(WRITE_UNITS, number(run.units.write))
        .put(ENDED_EARLY, run.ended_early.map(|end| text(end.as_str())));
    fleet(change, &run.fleet)
}

fn fleet(change: Change, fleet: &FleetState) -> Change {
    change
        .put(FAULT, fleet.fault.map(|fault| text(fault.cause)))
        .put(keys::SINCE, fleet.fault.map(|fault| time(fault.since)))
        .put(DOWN, map(&fleet.down, |since| time(*since)))
        .put(TOKEN_AT, fleet.token_at.map(time))
        .set(FAILURES, number(fleet.failures))
        .set(CHANGES, number(fleet.changes))
}

fn list(numbers: impl IntoIterator<Item = u32>) -> AttributeValue {
    AttributeValue::L(numbers.into_iter().map(number).collect())
}

/// A member for each; an empty map is no attribute.
fn map<K: ToString, V>(
    of: &BTreeMap<K, V>,
    value: impl Fn(&V) -> AttributeValue,
) -> Option<AttributeValue> {
    let members = of.iter().map(|(key, of)| (key.to_string(), value(of)));
    (!of.is_empty()).then(|| AttributeValue::M(members.collect()))
}

pub(crate) fn read(item: &Item) -> Result<LastRun, StoreError> {
    let reader = Reader::of(item)?;
    let by = numbers::<3>(reader.list(FAILED_BY)?);
    let [ours, customer, microsoft] = by.ok_or_else(|| reader.unreadable(FAILED_BY))?;
    let least = reader.optional_number(LEAST_LIFE)?;
    let life_left = least.zip(reader.optional_number(MEDIAN_LIFE)?);
    Ok(LastRun {
        times: (reader.time(STARTED_AT)?, reader.time(ENDED_AT)?),
        refreshed: reader.number(REFRESHED)?,
        lost: reader.number(RACES_LOST)?,
        skipped: reader.number(SKIPPED)?,
        failed_by: FailedBy {
            ours,
            customer,
            microsoft,
        },
        causes: causes(&reader)?,
        clouds: each(&reader, CLOUDS, |value| {
            let [refreshed, failed] = numbers(value.as_l().ok()?)?;
            Some(OfCloud { refreshed, failed })
        })?,
        slowest_ms: reader.optional_number(SLOWEST_MS)?,
        life_left: life_left.map(|(least, median)| LifeLeft { least, median }),
        units: RequestUnits {
            read: reader.number(READ_UNITS)?,
            write: reader.number(WRITE_UNITS)?,
        },
        ended_early: reader.optional_parsed(ENDED_EARLY)?,
        fleet: read_fleet(&reader)?,
        version: Some(reader.version()?),
    })
}

fn read_fleet(reader: &Reader<'_>) -> Result<FleetState, StoreError> {
    let cause = reader.optional_parsed(FAULT)?;
    let fault = cause.zip(reader.optional_time(keys::SINCE)?);
    Ok(FleetState {
        fault: fault.map(|(cause, since)| FleetFault { cause, since }),
        down: each(reader, DOWN, |value| {
            let since = value.as_n().ok()?.parse().ok()?;
            Some(Timestamp::from_unix(since))
        })?,
        failures: reader.number(FAILURES)?,
        token_at: reader.optional_time(TOKEN_AT)?,
        changes: reader.number(CHANGES)?,
    })
}

fn causes(reader: &Reader<'_>) -> Result<BTreeMap<CauseCode, u32>, StoreError> {
    each(reader, CAUSES, |value| value.as_n().ok()?.parse().ok())
}

fn numbers<const N: usize>(list: &[AttributeValue]) -> Option<[u32; N]> {
    let numbers = list.iter().map(|value| value.as_n().ok()?.parse().ok());
    let numbers: Vec<u32> = numbers.collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// The members of a map. A name that this release does not know is passed over: a later one has
/// clouds and causes besides.
fn each<K: FromStr + Ord, V>(
    reader: &Reader<'_>,
    name: &'static str,
    value: impl Fn(&AttributeValue) -> Option<V>,
) -> Result<BTreeMap<K, V>, StoreError> {
    let members = reader.members(name)?.into_iter().flatten();
    let known = members.filter_map(|(key, of)| Some((key.parse().ok()?, of)));
    let read = known.map(|(key, of)| Some((key, value(of)?)));
    let read: Option<BTreeMap<K, V>> = read.collect();
    read.ok_or_else(|| reader.unreadable(name))
}

#[cfg(test)]
mod tests {
    use auth::Cloud;
    use auth::last_run::EndedEarly;

    use super::*;

    /// With everything that a row can hold.
    fn full() -> LastRun {
        let at = Timestamp::from_unix;
        LastRun {
            times: (at(100), at(170)),
            refreshed: 90_000,
            lost: 2,
            skipped: 3,
            failed_by: FailedBy {
                ours: 1,
                customer: 2,
                microsoft: 3,
            },
            causes: [(CauseCode::NotConsented, 2), (CauseCode::Unavailable, 3)].into(),
            clouds: [(
                Cloud::GccHigh,
                OfCloud {
                    refreshed: 7,
                    failed: 20,
                },
            )]
            .into(),
            slowest_ms: Some(8_012),
            life_left: Some(LifeLeft {
                least: 0,
                median: 1_620,
            }),
            units: RequestUnits {
                read: 45_012.5,
                write: 90_016.0,
            },
            ended_early: Some(EndedEarly::AuthorityDown),
            fleet: FleetState {
                fault: Some(FleetFault {
                    cause: CauseCode::CredentialRefused,
                    since: at(120),
                }),
                down: [(Cloud::GccHigh, at(130))].into(),
                failures: 3,
                token_at: Some(at(119)),
                changes: 9,
            },
            version: Some(Version("v".into())),
        }
    }

    #[test]
    fn a_run_comes_back_as_it_was_written() {
        let version = Version("v".into());
        for run in [
            full(),
            LastRun {
                version: Some(version.clone()),
                ..LastRun::default()
            },
        ] {
            let item = write(&run, &version).into_item(key());
            assert_eq!(read(&item).unwrap(), run);
        }
    }

    #[test]
    fn a_cloud_or_a_cause_of_a_later_release_hides_nothing_else() {
        let mut item = write(&full(), &Version("v".into())).into_item(key());
        for (name, member) in [
            (DOWN, number(1)),
            (CAUSES, number(1)),
            (CLOUDS, list([1, 2])),
        ] {
            let Some(AttributeValue::M(members)) = item.get_mut(name) else {
                panic!("{name}");
            };
            members.insert("of_tomorrow".to_owned(), member);
        }
        assert_eq!(read(&item).unwrap(), full());
    }
}
