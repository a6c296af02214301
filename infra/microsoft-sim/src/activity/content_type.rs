//! The five content types: their names, what their content ids end with, what reads them.

use serde::{Deserialize, Serialize};

/// What a subscription is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum ContentType {
    #[serde(rename = "Audit.AzureActiveDirectory")]
    AzureActiveDirectory,
    #[serde(rename = "Audit.Exchange")]
    Exchange,
    #[serde(rename = "Audit.SharePoint")]
    SharePoint,
    #[serde(rename = "Audit.General")]
    General,
    #[serde(rename = "DLP.All")]
    DlpAll,
}

/// What is known of a type: its name, the stream that its content ids name, the `Workload`
/// and the `RecordType` of its records.
pub(crate) struct Facts {
    pub(crate) name: &'static str,
    pub(crate) stream: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) record_type: u64,
}

const FACTS: [(ContentType, Facts); 5] = [
    (
        ContentType::AzureActiveDirectory,
        Facts {
            name: "Audit.AzureActiveDirectory",
            stream: "audit_azureactivedirectory$Audit_AzureActiveDirectory",
            workload: "AzureActiveDirectory",
            record_type: 15,
        },
    ),
    (
        ContentType::Exchange,
        Facts {
            name: "Audit.Exchange",
            stream: "audit_exchange$Audit_Exchange",
            workload: "Exchange",
            record_type: 2,
        },
    ),
    (
        ContentType::SharePoint,
        Facts {
            name: "Audit.SharePoint",
            stream: "audit_sharepoint$Audit_SharePoint",
            workload: "SharePoint",
            record_type: 6,
        },
    ),
    (
        ContentType::General,
        Facts {
            name: "Audit.General",
            stream: "audit_general$Audit_General",
            workload: "MicrosoftTeams",
            record_type: 25,
        },
    ),
    (
        ContentType::DlpAll,
        Facts {
            name: "DLP.All",
            stream: "dlp_all$DLP_ALL",
            workload: "Exchange",
            record_type: 13,
        },
    ),
];

impl ContentType {
    pub(crate) const ALL: [Self; 5] = [
        Self::AzureActiveDirectory,
        Self::Exchange,
        Self::SharePoint,
        Self::General,
        Self::DlpAll,
    ];

    /// The type of that name, in any case.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|known| known.facts().name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn facts(self) -> &'static Facts {
        let [first, ..] = &FACTS;
        let of_type = FACTS.iter().find(|(known, _)| *known == self);
        &of_type.unwrap_or(first).1
    }

    /// Its name as it was seen in answers: `Audit.Sharepoint`.
    pub(crate) fn in_odd_case(self) -> String {
        let name = self.facts().name;
        let (first, second) = name.split_once('.').unwrap_or((name, ""));
        let odd = |part: &str| {
            let (head, tail) = part.split_at_checked(1).unwrap_or_default();
            head.to_ascii_uppercase() + &tail.to_ascii_lowercase()
        };
        format!("{}.{}", odd(first), odd(second))
    }

    /// A number of its own, for the generator.
    pub(crate) fn number(self) -> u64 {
        self.facts().record_type
    }
}
