//! The attributes of content types, and maps of what there is.

use aws_sdk_dynamodb::types::AttributeValue;
use feed::ContentType;

const AZURE_ACTIVE_DIRECTORY: &str = "azure_active_directory";
const EXCHANGE: &str = "exchange";
const SHAREPOINT: &str = "sharepoint";
const GENERAL: &str = "general";
const DLP: &str = "dlp";

/// The attribute of a content type.
pub(super) fn name(content_type: ContentType) -> &'static str {
    match content_type {
        ContentType::AzureActiveDirectory => AZURE_ACTIVE_DIRECTORY,
        ContentType::Exchange => EXCHANGE,
        ContentType::SharePoint => SHAREPOINT,
        ContentType::General => GENERAL,
        ContentType::Dlp => DLP,
    }
}

/// What there is of these members.
pub(in crate::table::items) fn map<const N: usize>(
    members: [(&str, Option<AttributeValue>); N],
) -> AttributeValue {
    let members = members.into_iter();
    let members = members.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    AttributeValue::M(members.collect())
}
