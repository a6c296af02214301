//! `FEED_*`: what of the audit log is collected, how, and where it is stored.

use std::time::Duration;

use auth::TenantId;
use feed::ContentType;
use feed::address::FeedHost;
use feed::object_key::Format;

use super::reader::Reader;

const CONTENT_TYPES: &str = "FEED_CONTENT_TYPES";
const BUCKET: &str = "FEED_BUCKET";
const PREFIX: &str = "FEED_PREFIX";
const LAG_MAX: &str = "FEED_LAG_MAX_SECONDS";
/// The longest prefix, in bytes: with the rest of a key it stays far below S3's 1,024.
const PREFIX_MAX: usize = 256;

/// What is collected without `FEED_CONTENT_TYPES`: the types for which `ActivityFeed.Read` is
/// enough.
const BY_DEFAULT: [ContentType; 4] = [
    ContentType::AzureActiveDirectory,
    ContentType::Exchange,
    ContentType::SharePoint,
    ContentType::General,
];

/// Where audit logs are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedPlace {
    /// `FEED_BUCKET`.
    pub bucket: String,
    /// `FEED_PREFIX`: with a slash at its end, or empty.
    pub prefix: String,
}

impl FeedPlace {
    /// Reads it.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let bucket = reader.required_text(BUCKET, "the name of the bucket");
        let bucket = bucket.filter(|bucket| is_bucket(bucket, reader));
        let prefix = prefix(reader);
        Some(Self {
            bucket: bucket?,
            prefix: prefix?,
        })
    }
}

/// The settings of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedSettings {
    /// `FEED_CONTENT_TYPES`: each once.
    pub types: Vec<ContentType>,
    /// `FEED_BUCKET`.
    pub bucket: String,
    /// `FEED_PREFIX`: with a slash at its end, or empty.
    pub prefix: String,
    /// `FEED_FORMAT`: of new objects.
    pub format: Format,
    /// `FEED_PUBLISHER_ID`: the tenant of the company that runs this, whose quota is used.
    pub publisher: TenantId,
    /// `FEED_SETTLE_SECONDS`: for so long content settles before its listing counts.
    pub settle: u32,
    /// `FEED_EVERY_SECONDS`: a tenant's turn comes this often.
    pub every: Duration,
    /// `FEED_LAG_MAX_SECONDS`: what is made is listed after so long at the latest, however seldom a
    /// quiet tenant's turn comes.
    pub lag_max: Duration,
    /// `FEED_API_URL`: the Activity API of every tenant, in place of its cloud's.
    pub api: Option<FeedHost>,
}

impl FeedSettings {
    /// Reads them.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let types = content_types(reader);
        let place = FeedPlace::read(reader);
        let publisher = reader.required(
            "FEED_PUBLISHER_ID",
            "the tenant ID of the company that runs this: Microsoft counts requests by it",
        );
        let settle = reader.number("FEED_SETTLE_SECONDS", 300, 0..=3600);
        let format = reader.optional("FEED_FORMAT").unwrap_or_default();
        let every = reader.seconds("FEED_EVERY_SECONDS", 300, 256..=3600);
        let lag_max = lag_max(reader, every, settle);
        let api = read_api(reader);
        let FeedPlace { bucket, prefix } = place?;
        Some(Self {
            types: types?,
            bucket,
            prefix,
            format,
            publisher: publisher?,
            settle: u32::try_from(settle).ok()?,
            every,
            lag_max: lag_max?,
            api,
        })
    }
}

/// No turn comes sooner than the tenant's next, and nothing counts before it has settled.
fn lag_max(reader: &mut Reader<'_>, every: Duration, settle: u64) -> Option<Duration> {
    let least = every.as_secs() + settle;
    let lag_max = reader.seconds(LAG_MAX, least.max(3900), 556..=14_400);
    if lag_max.as_secs() < least {
        reader.problem(
            LAG_MAX,
            format_args!(
                "is less than FEED_EVERY_SECONDS and FEED_SETTLE_SECONDS together, {least}"
            ),
        );
        return None;
    }
    Some(lag_max)
}

fn content_types(reader: &mut Reader<'_>) -> Option<Vec<ContentType>> {
    let Some(text) = reader.text(CONTENT_TYPES) else {
        return Some(BY_DEFAULT.to_vec());
    };
    let mut types = Vec::new();
    for one in text.split(',').map(str::trim) {
        match one.parse() {
            Ok(one) if types.contains(&one) => {
                reader.problem(CONTENT_TYPES, "names a type twice");
                return None;
            }
            Ok(one) => types.push(one),
            Err(error) => {
                reader.problem(
                    CONTENT_TYPES,
                    format_args!("holds an entry that is {error}"),
                );
                return None;
            }
        }
    }
    Some(types)
}

/// As S3 takes a name (S3 User Guide, "General purpose bucket naming rules"), but for an ARN.
fn is_bucket(name: &str, reader: &mut Reader<'_>) -> bool {
    let of_names = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let taken = |byte: u8| of_names(byte) || b".-".contains(&byte);
    let is_name = (3..=63).contains(&name.len())
        && name.bytes().all(taken)
        && name.bytes().next().is_some_and(of_names)
        && name.bytes().last().is_some_and(of_names)
        && !name.contains("..");
    if !is_name {
        reader.problem(
            BUCKET,
            "is no bucket's name: 3 to 63 of a-z, 0-9, '.' and '-'",
        );
    }
    is_name
}

/// Of characters that mean nothing to S3, to a shell or to a URL; no segment is a step.
fn prefix(reader: &mut Reader<'_>) -> Option<String> {
    let Some(text) = reader.text(PREFIX) else {
        return Some(String::new());
    };
    let path = text.strip_suffix('/').unwrap_or(&text);
    let taken = |byte: u8| byte.is_ascii_alphanumeric() || b"._=-".contains(&byte);
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && segment.bytes().all(taken)
            && segment.bytes().any(|byte| byte != b'.')
    };
    if path.len() > PREFIX_MAX || !path.split('/').all(is_segment) {
        reader.problem(
            PREFIX,
            "must be words of letters, digits and ._=- with slashes between them",
        );
        return None;
    }
    Some(format!("{path}/"))
}

/// `FEED_API_URL`.
pub(super) fn read_api(reader: &mut Reader<'_>) -> Option<FeedHost> {
    let host = FeedHost::new(&reader.text("FEED_API_URL")?);
    let host = host.map_err(|error| reader.problem("FEED_API_URL", format_args!("is {error}")));
    host.ok()
}
