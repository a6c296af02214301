//! The rows of an import, and everything that is wrong with them. They are checked in the
//! order of the file, and all problems are reported together, before anything is asked.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;

use auth::text::{hides, printable, shown};
use auth::{Cloud, Customer, TenantId};

/// The most rows of one import.
const MAX_ROWS: usize = 100_000;
/// So many problems are reported one by one.
const LISTED: usize = 20;
/// So much of a wrong value is shown, in characters.
const SHOWN: usize = 60;

/// Where a row is in its file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// The line of a CSV file that the row begins in.
    Line(usize),
    /// The entry of a JSON array.
    Entry(usize),
}

/// A row whose fields are what they should be. Equal rows stand in the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub(super) position: Position,
    /// The tenant.
    pub tenant: TenantId,
    /// The account that it will be bound to.
    pub customer: Customer,
    /// Where the row names one.
    pub cloud: Option<Cloud>,
}

/// What a row has to say, as a header and an object name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    TenantId,
    Customer,
    Cloud,
}

/// The fields of a row as the file has them.
pub(super) type Fields<'t> = BTreeMap<Field, &'t str>;

/// Takes rows and problems, in the order of the file.
pub(super) struct Check {
    /// The cloud of the deployment.
    cloud: Cloud,
    rows: Vec<Row>,
    /// Rows that began, good or not.
    count: usize,
    first_of: HashMap<TenantId, Position>,
    problems: Vec<String>,
    /// Problems beyond those that are reported.
    more: usize,
}

impl Check {
    pub(super) fn new(cloud: Cloud) -> Self {
        Self {
            cloud,
            rows: Vec::new(),
            count: 0,
            first_of: HashMap::new(),
            problems: Vec::new(),
            more: 0,
        }
    }

    /// Notes what is wrong somewhere.
    pub(super) fn problem(&mut self, at: Position, what: impl fmt::Display) {
        self.problem_of_the_file(format!("{at}: {what}"));
    }

    /// Notes what is wrong with the file as a whole.
    pub(super) fn problem_of_the_file(&mut self, what: impl Into<String>) {
        if self.problems.len() < LISTED {
            self.problems.push(what.into());
        } else {
            self.more += 1;
        }
    }

    /// A row begins, good or not.
    pub(super) fn count_row(&mut self) {
        self.count += 1;
    }

    /// The field that a column or a member is named after. None, and a problem, where there is
    /// no such field, which `hint` explains, or where it is among those `before`.
    pub(super) fn field(
        &mut self,
        at: Position,
        name: &str,
        before: &[Option<Field>],
        hint: &str,
    ) -> Option<Field> {
        let part = at.part();
        let Some(field) = Field::named(name) else {
            self.problem(at, format_args!("unknown {part} {}{hint}", quoted(name)));
            return None;
        };
        if before.contains(&Some(field)) {
            self.problem(at, format_args!("the {part} {name} stands there twice"));
            return None;
        }
        Some(field)
    }

    /// Takes the fields of a row.
    pub(super) fn row(&mut self, at: Position, fields: &Fields<'_>) {
        let tenant = self.value(at, Field::TenantId, fields);
        let customer = self.value(at, Field::Customer, fields);
        let named = fields.get(&Field::Cloud).filter(|cloud| !cloud.is_empty());
        let cloud = named.map(|_| self.value(at, Field::Cloud, fields));
        let tenant = tenant.filter(|tenant| self.is_organisation(at, *tenant));
        let tenant = tenant.filter(|tenant| self.is_first(at, *tenant));
        let cloud = match cloud {
            None => Some(None),
            Some(cloud) => cloud
                .filter(|cloud| self.is_reachable(at, *cloud))
                .map(Some),
        };
        if let (Some(tenant), Some(customer), Some(cloud)) = (tenant, customer, cloud) {
            let position = at;
            self.rows.push(Row {
                position,
                tenant,
                customer,
                cloud,
            });
        }
    }

    fn value<T: FromStr<Err: fmt::Display>>(
        &mut self,
        at: Position,
        field: Field,
        fields: &Fields<'_>,
    ) -> Option<T> {
        let name = field.name();
        let text = fields.get(&field).filter(|text| !text.is_empty());
        let Some(text) = text else {
            self.problem(at, format_args!("{name} is missing"));
            return None;
        };
        let parsed = text.parse();
        parsed
            .map_err(|error| self.problem(at, format_args!("{name} {} is {error}", quoted(text))))
            .ok()
    }

    fn is_organisation(&mut self, at: Position, tenant: TenantId) -> bool {
        if tenant == TenantId::CONSUMERS {
            let what = "is the tenant of personal accounts: only organisations can be connected";
            self.problem(at, format_args!("{} {what}", Field::TenantId.name()));
        }
        tenant != TenantId::CONSUMERS
    }

    fn is_first(&mut self, at: Position, tenant: TenantId) -> bool {
        match self.first_of.get(&tenant).copied() {
            None => {
                self.first_of.insert(tenant, at);
                true
            }
            Some(first) => {
                self.problem(
                    at,
                    format_args!("tenant {tenant} stands in {first} already"),
                );
                false
            }
        }
    }

    /// A registration is known at one authority only.
    fn is_reachable(&mut self, at: Position, cloud: Cloud) -> bool {
        let reachable = cloud.shares_authority_with(self.cloud);
        if !reachable {
            let (name, own) = (Field::Cloud.name(), self.cloud);
            let what = "signs in at another authority than this deployment's";
            self.problem(at, format_args!("{name} {cloud} {what} ({own})"));
        }
        reachable
    }

    /// The rows, when nothing is wrong. `name`: the file's.
    pub(super) fn finish(mut self, name: &str) -> anyhow::Result<Vec<Row>> {
        if self.count > MAX_ROWS {
            let count = self.count;
            let what = format!("it holds {count} rows, at most {MAX_ROWS} are taken: split it");
            self.problems.insert(0, what);
        }
        if self.count == 0 && self.problems.is_empty() {
            self.problem_of_the_file("it holds no tenant");
        }
        if self.problems.is_empty() {
            return Ok(self.rows);
        }
        let more = match self.more {
            0 => String::new(),
            more => format!("\n  and {more} more"),
        };
        anyhow::bail!(
            "{name} was not imported, and nothing was asked or changed:\n  {}{more}",
            self.problems.join("\n  ")
        )
    }
}

/// A value of the file, for a message.
fn quoted(text: &str) -> String {
    if hides(text) {
        return shown(text).to_string();
    }
    let part: String = text.chars().take(SHOWN).collect();
    let rest = if part.len() < text.len() { "…" } else { "" };
    format!("\"{}{rest}\"", printable(&part))
}

impl Field {
    /// Its name in a header and in an object.
    pub(super) fn name(self) -> &'static str {
        match self {
            Field::TenantId => "tenant_id",
            Field::Customer => "customer",
            Field::Cloud => "cloud",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let all = [Field::TenantId, Field::Customer, Field::Cloud];
        all.into_iter().find(|field| field.name() == name)
    }
}

impl Position {
    /// The number alone.
    pub(super) fn number(self) -> usize {
        match self {
            Position::Line(number) | Position::Entry(number) => number,
        }
    }

    /// What is counted.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Position::Line(_) => "line",
            Position::Entry(_) => "entry",
        }
    }

    /// What names a field there.
    fn part(self) -> &'static str {
        match self {
            Position::Line(_) => "column",
            Position::Entry(_) => "field",
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.unit(), self.number())
    }
}
