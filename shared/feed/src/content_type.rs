//! The content types of the Activity API, and the permission that each needs.
//!
//! Source: Office 365 Management Activity API reference, as collected in the project's
//! protocol notes (§2). Answers spell them in other cases, so that names are compared without
//! regard to it.

use std::fmt;
use std::str::FromStr;

/// One stream of a tenant's audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContentType {
    /// Sign-ins and changes of the directory.
    AzureActiveDirectory,
    /// Mailboxes.
    Exchange,
    /// SharePoint and OneDrive.
    SharePoint,
    /// Everything else: Teams, Power BI, Defender, Purview.
    General,
    /// Matches of data loss prevention; needs a permission of its own.
    Dlp,
}

impl ContentType {
    /// Every type, in the order of Microsoft's documentation.
    pub const ALL: [ContentType; 5] = [
        ContentType::AzureActiveDirectory,
        ContentType::Exchange,
        ContentType::SharePoint,
        ContentType::General,
        ContentType::Dlp,
    ];

    /// What is collected where the setting names nothing: all that needs no permission beyond
    /// `ActivityFeed.Read`.
    pub const DEFAULT: [ContentType; 4] = [
        ContentType::AzureActiveDirectory,
        ContentType::Exchange,
        ContentType::SharePoint,
        ContentType::General,
    ];

    /// The name in requests, in object keys and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            ContentType::AzureActiveDirectory => "Audit.AzureActiveDirectory",
            ContentType::Exchange => "Audit.Exchange",
            ContentType::SharePoint => "Audit.SharePoint",
            ContentType::General => "Audit.General",
            ContentType::Dlp => "DLP.All",
        }
    }

    /// The application permission without which this type answers AF10001.
    pub fn role(self) -> &'static str {
        match self {
            ContentType::Dlp => "ActivityFeed.ReadDlp",
            _ => "ActivityFeed.Read",
        }
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no content type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a content type: one of Audit.AzureActiveDirectory, Audit.Exchange, Audit.SharePoint, \
     Audit.General, DLP.All"
)]
pub struct UnknownContentType;

impl FromStr for ContentType {
    type Err = UnknownContentType;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_named = |one: &ContentType| one.as_str().eq_ignore_ascii_case(text);
        Self::ALL
            .into_iter()
            .find(is_named)
            .ok_or(UnknownContentType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_in_every_spelling_and_nothing_else_is_one() {
        for one in ContentType::ALL {
            for text in [one.as_str().to_owned(), one.as_str().to_lowercase()] {
                assert_eq!(text.parse(), Ok(one));
            }
        }
        assert_eq!("Audit.Sharepoint".parse(), Ok(ContentType::SharePoint));
        let refused = [
            "",
            "Audit",
            "Audit.",
            "Audit.All",
            " DLP.All",
            "DLP.All ",
            "DLP",
            "dlp-all",
            "Audit.Exchange,DLP.All",
            "Audit\u{2024}Exchange",
        ];
        for text in refused {
            assert_eq!(
                text.parse::<ContentType>(),
                Err(UnknownContentType),
                "{text}"
            );
        }
    }
}
