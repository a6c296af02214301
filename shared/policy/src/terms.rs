//! What facts are about: the caller, the subject, and those of their attributes and tags
//! that say who and whose they are. Also the names that policies read, and literal names
//! that can be nobody's.

use cedar_policy::pst::{BinaryOp, EntityType, Expr, Literal, Var};

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    AwsRole,
    Workload,
    Key,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::AwsRole, Kind::Workload, Kind::Key];

    /// The entity type of its callers.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::AwsRole => "AwsRole",
            Kind::Workload => "Workload",
            Kind::Key => "Key",
        }
    }

    /// The kind of an entity type; `None` for a type that is no caller's.
    pub(crate) fn of(entity_type: &EntityType) -> Option<Self> {
        let name = entity_type.to_string();
        Kind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The kinds whose callers have an attribute.
    pub(crate) fn with_attribute(name: &str) -> Vec<Self> {
        match name {
            "account" | "id" => vec![Kind::AwsRole],
            "name" => vec![Kind::AwsRole, Kind::Key],
            "issuer" | "subject" | "lists" => vec![Kind::Workload],
            _ => Vec::new(),
        }
    }
}

/// Something that a policy compares.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Term {
    /// `principal`.
    Principal,
    /// `principal.account`.
    Account,
    /// `principal.name`.
    Name,
    /// `principal.id`.
    RoleId,
    /// `principal.issuer`, or the claim `iss`.
    Issuer,
    /// `principal.subject`, or the claim `sub`.
    Subject,
    /// `principal.getTag(…)`.
    Claim(String),
    /// `principal.lists.getTag(…)`.
    List(String),
    /// `resource`.
    Resource,
    /// `resource.customer`.
    Customer,
    /// `resource.getTag(…)`.
    Label(String),
    /// `context.resource`.
    TokenFor,
    /// `context.route`.
    Route,
}

impl Term {
    /// The term that an expression is.
    pub(crate) fn of(expression: &Expr) -> Option<Self> {
        match expression {
            Expr::Var(Var::Principal) => Some(Term::Principal),
            Expr::Var(Var::Resource) => Some(Term::Resource),
            Expr::GetAttr { expr, attr } => match **expr {
                Expr::Var(Var::Principal) => Term::of_principal(attr),
                Expr::Var(Var::Resource) if attr == "customer" => Some(Term::Customer),
                Expr::Var(Var::Context) if attr == "resource" => Some(Term::TokenFor),
                Expr::Var(Var::Context) if attr == "route" => Some(Term::Route),
                _ => None,
            },
            Expr::BinaryOp {
                op: BinaryOp::GetTag,
                left,
                right,
            } => Term::of_tag(Tagged::of(left)?, literal(right)?),
            _ => None,
        }
    }

    fn of_principal(attribute: &str) -> Option<Self> {
        match attribute {
            "account" => Some(Term::Account),
            "name" => Some(Term::Name),
            "id" => Some(Term::RoleId),
            "issuer" => Some(Term::Issuer),
            "subject" => Some(Term::Subject),
            _ => None,
        }
    }

    fn of_tag(tagged: Tagged, name: &str) -> Option<Self> {
        Some(match (tagged, name) {
            (Tagged::Principal, "iss") => Term::Issuer,
            (Tagged::Principal, "sub") => Term::Subject,
            (Tagged::Principal, name) => Term::Claim(name.to_owned()),
            (Tagged::Lists, name) => Term::List(name.to_owned()),
            (Tagged::Resource, name) => Term::Label(name.to_owned()),
        })
    }

    /// The kinds of callers that have it; every kind where it is not the caller's.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        match self {
            Term::Account => Kind::with_attribute("account"),
            Term::RoleId => Kind::with_attribute("id"),
            Term::Name => Kind::with_attribute("name"),
            Term::Issuer | Term::Subject | Term::Claim(_) | Term::List(_) => vec![Kind::Workload],
            Term::Principal
            | Term::Resource
            | Term::Customer
            | Term::Label(_)
            | Term::TokenFor
            | Term::Route => Kind::ALL.to_vec(),
        }
    }

    /// Whether it is the caller or something of the caller's.
    pub(crate) fn is_callers(&self) -> bool {
        !matches!(
            self,
            Term::Resource | Term::Customer | Term::Label(_) | Term::TokenFor | Term::Route
        )
    }
}

/// What has tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tagged {
    Principal,
    Lists,
    Resource,
}

impl Tagged {
    /// What an expression is, whose tags are asked for; `None` where that depends.
    pub(crate) fn of(expression: &Expr) -> Option<Self> {
        match expression {
            Expr::Var(Var::Principal) => Some(Tagged::Principal),
            Expr::Var(Var::Resource) => Some(Tagged::Resource),
            Expr::GetAttr { expr, attr } if attr == "lists" => match **expr {
                Expr::Var(Var::Principal) => Some(Tagged::Lists),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The text of a literal.
pub(crate) fn literal(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Literal(Literal::String(text)) => Some(text),
        _ => None,
    }
}
