//! The names of the two tables.

use aws::ControlTable;

use super::reader::Reader;

/// The variable that names the table of tenants.
pub const TABLE_NAME: &str = "TABLE_NAME";
/// The variable that names the control table.
pub const CONTROL_TABLE_NAME: &str = "CONTROL_TABLE_NAME";

/// The names of the two tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableNames {
    /// `TABLE_NAME`: tenants, tokens, invites, what is used once.
    pub table: String,
    /// `CONTROL_TABLE_NAME`: policies, caller keys, callers' issuers. `{TABLE_NAME}-control`
    /// where it is not set.
    pub control: String,
}

impl TableNames {
    /// Reads the names.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let table = reader.required_text(TABLE_NAME, "the table's name");
        let control = reader.name(CONTROL_TABLE_NAME);
        let table = table?;
        Some(Self {
            control: control.unwrap_or_else(|| ControlTable::name_beside(&table)),
            table,
        })
    }
}
