//! What each role's permissions come to when what runs under it is taken over: a sentence for
//! each role, written by hand, and the facts that it rests on. A role without a sentence fails.

use super::facts::Fact;

/// What one role comes to.
pub(super) struct Meaning {
    /// The role's name in the template.
    pub(super) role: &'static str,
    /// Who takes it over can …
    pub(super) can: &'static str,
    /// … and cannot.
    pub(super) cannot: &'static str,
    pub(super) facts: &'static [Fact],
}

/// The bucket's own policy takes no object whose key is taken.
const OBJECTS: &[&str] = &[
    "`events:PutEvents` on `EventBusArn`",
    "`s3:AbortMultipartUpload` on `AuditLogBucket/FeedPrefix/tenant=*`, `AuditLogBucket/tenant=*`",
    "`s3:GetObject` on `AuditLogBucket/FeedPrefix/tenant=*`, `AuditLogBucket/tenant=*`",
    "`s3:ListBucket` on `AuditLogBucket`",
    "`s3:PutObject` on `AuditLogBucket/FeedPrefix/tenant=*`, `AuditLogBucket/tenant=*`",
    "`sqs:DeleteMessage` on `FeedQueue`",
    "`sqs:GetQueueAttributes` on `FeedQueue`",
    "`sqs:ReceiveMessage` on `FeedQueue`",
    "`sqs:SendMessage` on `FeedQueue`",
];

/// Where the stack has a bus.
const EVENTS: &[&str] = &["`events:PutEvents` on `EventBusArn`"];

pub(super) const MEANINGS: [Meaning; 10] = [
    Meaning {
        role: "ConsentRole",
        can: "forge pages, states and handles, and so lie to the person in front of it; look a tenant or an invite up by \
              its ID; use states up; ask `RefresherOnDemandFunction` to redeem codes and to bind tenants, as often as that lets it",
        cannot: "sign as the application or ask Entra ID for anything; open a token, or have one renewed; decide who is bound: on demand \
                 judges the evidence by itself, and this role writes no tenant, no invite and no receipt; list tenants or \
                 invites; see or change who may have what",
        facts: &[
            Fact::Secrets(&["ConsentKeysSecret"]),
            Fact::Functions(&["RefresherOnDemandFunction:consent"]),
            Fact::ReadsAtMost(&["T#", "INVITE#", "ONCE#", "NOTHING"]),
            Fact::WritesAtMost(&["ONCE#"]),
            Fact::DeletesAtMost(&[]),
            Fact::Indexes(&[]),
            Fact::NothingElse,
        ],
    },
    Meaning {
        role: "VendingRole",
        can: "open every stored token of every tenant, because it has the ring and reads the rows, and go on so for as long as \
              it is taken over; have tokens renewed by `RefresherOnDemandFunction`; make invites in the name of any customer, with \
              which a tenant's own admin still has to consent; hold the leases of misses, which has callers wait",
        cannot: "take the application's key away or sign with it: when it is thrown out, the tokens that it saw end within \
                 the hour; have a code redeemed or a tenant bound; vouch for a person in an invite; write a tenant's row or a receipt; write policies, caller keys or \
                 issuers, besides noting that a key was used",
        facts: &[
            Fact::Secrets(&["SealingKeysSecret"]),
            Fact::Functions(&["RefresherOnDemandFunction:vending"]),
            Fact::Reads("T#"),
            Fact::ReadsAtMost(&[
                "T#",
                "LEASE#vend#",
                "POLICY",
                "CALLERS",
                "ISSUERS",
                "NOTHING",
            ]),
            Fact::WritesAtMost(&["INVITE#", "LEASE#vend#", "CALLERS"]),
            Fact::NeverWrites("INVITE#", &["vouched", "used_by", "used_at"]),
            Fact::NeverWrites("CALLERS", &["hash", "created_at", "mark"]),
            Fact::DeletesAtMost(&[]),
            Fact::Indexes(&["Table/index/tenants"]),
            Fact::NothingElse,
        ],
    },
    Meaning {
        role: "RefresherRole",
        can: "do everything at Entra ID that the application may do, in every connected tenant, and take the key away: what is \
              done then is a new certificate; open, replace and withhold every token; write any tenant's row, and so put a \
              tenant under another customer; forge and withhold events",
        cannot: "see or change policies, caller keys and issuers; make an invite or a receipt; delete a row but an event's; call another \
                 function",
        facts: &[
            Fact::Secrets(&["CertificateSecret", "SealingKeysSecret", "EventKeysSecret"]),
            Fact::Functions(&[]),
            Fact::Writes("T#"),
            Fact::ReadsAtMost(&[
                "T#",
                "OUTBOX#tenants#",
                "LEASE#refresh#",
                "LEASE#outbox#tenants#",
                "RUN#refresh",
            ]),
            Fact::WritesAtMost(&[
                "T#",
                "OUTBOX#tenants#",
                "LEASE#refresh#",
                "LEASE#outbox#tenants#",
                "RUN#refresh",
            ]),
            Fact::DeletesAtMost(&["OUTBOX#tenants#"]),
            Fact::NothingElseBut(EVENTS),
        ],
    },
    Meaning {
        role: "RefresherOnDemandRole",
        can: "do all that the refresher's role can; bind any tenant to any customer, write receipts, and use invites up or \
              reopen them",
        cannot: "see or change policies, caller keys and issuers; call another function. No one on the internet reaches it: \
                 its requests are typed, and come from consent and vending alone",
        facts: &[
            Fact::Secrets(&["CertificateSecret", "SealingKeysSecret", "EventKeysSecret"]),
            Fact::Functions(&[]),
            Fact::Writes("T#"),
            Fact::Writes("SIGNIN#"),
            Fact::ReadsAtMost(&[
                "T#",
                "SIGNIN#",
                "INVITE#",
                "OUTBOX#tenants#",
                "LEASE#outbox#tenants#",
            ]),
            Fact::WritesAtMost(&[
                "T#",
                "SIGNIN#",
                "INVITE#",
                "OUTBOX#tenants#",
                "LEASE#outbox#tenants#",
            ]),
            Fact::DeletesAtMost(&["T#", "OUTBOX#tenants#"]),
            Fact::NothingElseBut(EVENTS),
        ],
    },
    Meaning {
        role: "CollectorRole",
        can: "be handed the tokens of connected tenants by vending, as far as the policy permits its role, and read with them \
              whatever the application may read there; read every tenant's row; have audit logs taken for listed that are not, \
              and so lose what expires meanwhile; read all audit logs that are stored, and store objects of its own beside them; \
              take messages from its queue and put others there; make AuthIDs, by which the webhook knows a notification; forge events, and \
              withhold those of audit logs",
        cannot: "open a stored token or have one renewed by any other way: it reads sealed ones and has no key; overwrite or delete \
                 an object, because the bucket takes new ones alone; change a tenant's state, owner, roles or token; see or change \
                 who may have what; call another function",
        facts: &[
            Fact::Secrets(&["WebhookKeysSecret", "EventKeysSecret"]),
            Fact::Functions(&[]),
            Fact::ReadsAtMost(&["T#", "F#", "LEASE#feed#", "OUTBOX#feeds#"]),
            Fact::WritesAtMost(&[
                "T#",
                "F#",
                "LEASE#feed#",
                "OUTBOX#feeds#",
                "LEASE#outbox#feeds#",
            ]),
            Fact::NeverWrites(
                "T#",
                &[
                    "status",
                    "customer",
                    "cloud",
                    "roles",
                    "tags",
                    "sealed",
                    "expires_at",
                    "refresh_at",
                ],
            ),
            Fact::DeletesAtMost(&["F#", "OUTBOX#feeds#"]),
            Fact::Indexes(&["Table/index/due", "Table/index/tenants"]),
            Fact::NothingElseBut(OBJECTS),
        ],
    },
    Meaning {
        role: "WebhookRole",
        can: "wake the collector, as often as it likes: each message is a listing of a tenant that is listed anyway; make AuthIDs; \
              withhold or refuse notifications, so that Microsoft disables the webhooks and records come with the schedule alone",
        cannot: "read or write a table, an object, a token or a certificate; take a message from the queue; call another \
                 function; change what is collected, or what counts as complete",
        facts: &[
            Fact::Secrets(&["WebhookKeysSecret"]),
            Fact::Functions(&[]),
            Fact::ReadsAtMost(&[]),
            Fact::WritesAtMost(&[]),
            Fact::DeletesAtMost(&[]),
            Fact::Indexes(&[]),
            Fact::NothingElseBut(&["`sqs:SendMessage` on `FeedQueue`"]),
        ],
    },
    Meaning {
        role: "RotatorRole",
        can: "take the application's key away and do everything at Entra ID that the application may do: what is done then is a new \
              certificate; add key credentials to the application and remove them; put a certificate of its own, or rubbish, into the \
              secret's place, with which no new token comes until an operator publishes another",
        cannot: "read or write a table, open a stored token or bind a tenant; read another secret; call a function; see or change who \
                 may have what. No caller reaches it: Secrets Manager and one schedule call it",
        facts: &[
            Fact::Secrets(&["CertificateSecret"]),
            Fact::Functions(&[]),
            Fact::ReadsAtMost(&[]),
            Fact::WritesAtMost(&[]),
            Fact::DeletesAtMost(&[]),
            Fact::Indexes(&[]),
            Fact::NothingElseBut(&[
                "`secretsmanager:DescribeSecret` on `CertificateSecret`",
                "`secretsmanager:PutSecretValue` on `CertificateSecret`",
                "`secretsmanager:UpdateSecretVersionStage` on `CertificateSecret`",
            ]),
        ],
    },
    Meaning {
        role: "CredentialCheckScheduleRole",
        can: "have the rotator look at what Entra ID holds, again and again; and, since the rotator believes its events, begin a step of a \
              rotation that is under way",
        cannot: "read or write anything; start any other function. None of our code runs under it",
        facts: &[
            Fact::Secrets(&[]),
            Fact::Functions(&["RotatorFunction:live"]),
            Fact::ReadsAtMost(&[]),
            Fact::WritesAtMost(&[]),
            Fact::Indexes(&[]),
            Fact::NothingElse,
        ],
    },
    Meaning {
        role: "CollectorScheduleRole",
        can: "start the collector, again and again",
        cannot: "read or write anything; start any other function. None of our code runs under it",
        facts: &[
            Fact::Secrets(&[]),
            Fact::Functions(&["CollectorFunction:live"]),
            Fact::ReadsAtMost(&[]),
            Fact::WritesAtMost(&[]),
            Fact::Indexes(&[]),
            Fact::NothingElse,
        ],
    },
    Meaning {
        role: "RefresherScheduleRole",
        can: "start the refresher, again and again",
        cannot: "read or write anything; start any other function. None of our code runs under it",
        facts: &[
            Fact::Secrets(&[]),
            Fact::Functions(&["RefresherFunction:live"]),
            Fact::ReadsAtMost(&[]),
            Fact::WritesAtMost(&[]),
            Fact::Indexes(&[]),
            Fact::NothingElse,
        ],
    },
];

pub(super) fn of(role: &str) -> Option<&'static Meaning> {
    MEANINGS.iter().find(|meaning| meaning.role == role)
}

mod checks {
    use std::collections::BTreeSet;

    use tests::iam::Template;

    use super::super::permitted::Permitted;
    use super::MEANINGS;

    #[test]
    fn every_role_has_a_sentence_and_every_sentence_a_role() {
        let roles = Template::of_repository().roles();
        let roles: BTreeSet<&str> = roles.keys().map(String::as_str).collect();
        let told: BTreeSet<&str> = MEANINGS.iter().map(|meaning| meaning.role).collect();
        assert_eq!(roles, told);
    }

    #[test]
    fn what_the_sentences_rest_on_is_so() {
        let template = Template::of_repository();
        let roles = template.roles();
        let mut wrong = Vec::new();
        for meaning in &MEANINGS {
            let Some(role) = roles.get(meaning.role) else {
                wrong.push(format!("{}: there is no such role", meaning.role));
                continue;
            };
            let permitted = Permitted::of(role, &template);
            let failed = meaning
                .facts
                .iter()
                .filter_map(|fact| fact.check(&permitted).err());
            wrong.extend(failed.map(|why| format!("{}: {why}", meaning.role)));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
