//! Where a batch is stored, so that people's tools find it: partitions by tenant, type and the
//! day of `contentCreated`, never by a record's own time.

use std::str::FromStr;

use auth::{TenantId, Timestamp};
use time::OffsetDateTime;

use crate::batch::BatchName;
use crate::content_type::ContentType;

/// How objects are compressed: `FEED_FORMAT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// RFC 1952, which everything reads.
    #[default]
    Gzip,
    /// RFC 8878: smaller and faster.
    Zstd,
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Format::Gzip => "gz",
            Format::Zstd => "zst",
        }
    }
}

/// Not a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be gzip or zstd")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "gzip" => Ok(Format::Gzip),
            "zstd" => Ok(Format::Zstd),
            _ => Err(UnknownFormat),
        }
    }
}

/// Whose and what a batch is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The content type.
    pub content_type: ContentType,
    /// The first second of the hour in which the contents were created.
    pub hour: Timestamp,
    /// The batch.
    pub name: &'a BatchName,
    /// Digits that set an object apart from another of the same batch with other bytes.
    pub apart: Option<&'a str>,
}

impl Place<'_> {
    /// The key of its records, one a line.
    pub fn records(self, format: Format) -> String {
        self.key("json", format)
    }

    /// The key of what is no JSON, as it came. A reader of `*.json.gz` does not meet it.
    pub fn dead(self, format: Format) -> String {
        self.key("dead", format)
    }

    fn key(self, kind: &str, format: Format) -> String {
        let (day, hour) = day_and_hour(self.hour);
        let dash = if self.apart.is_some() { "-" } else { "" };
        format!(
            "tenant={}/type={}/day={day}/{hour:02}-{}{dash}{}.{kind}.{}",
            self.tenant,
            self.content_type,
            self.name.as_str(),
            self.apart.unwrap_or_default(),
            format.ending(),
        )
    }
}

/// `2026-11-30`, and the hour. A time that no calendar has is the epoch's: no content has it.
fn day_and_hour(at: Timestamp) -> (String, u8) {
    let at = OffsetDateTime::from_unix_timestamp(at.unix());
    let at = at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = at.to_calendar_date();
    (
        format!("{year:04}-{:02}-{day:02}", u8::from(month)),
        at.hour(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_tenant_type_day_and_batch() {
        let tenant = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        let name = BatchName::of(Timestamp::from_unix(0), &[]);
        // The hour's first second, its day and hour.
        let rows = [
            (0, "1970-01-01/00"),
            (951_778_800, "2000-02-28/23"),
            (951_782_400, "2000-02-29/00"),
            (1_796_079_600, "2026-11-30/23"),
            (1_796_083_200, "2026-12-01/00"),
        ];
        for (hour, day) in rows {
            let place = Place {
                tenant,
                content_type: ContentType::SharePoint,
                hour: Timestamp::from_unix(hour),
                name: &name,
                apart: None,
            };
            let before = format!(
                "tenant={tenant}/type=Audit.SharePoint/day={day}-{}",
                name.as_str()
            );
            assert_eq!(place.records(Format::Gzip), format!("{before}.json.gz"));
            assert_eq!(place.records(Format::Zstd), format!("{before}.json.zst"));
            assert_eq!(place.dead(Format::Gzip), format!("{before}.dead.gz"));
            let apart = Place {
                apart: Some("0a1b"),
                ..place
            };
            assert_eq!(apart.dead(Format::Zstd), format!("{before}-0a1b.dead.zst"));
        }
    }
}
