//! What the settings of every function have.

use super::entra::EntraSettings;
use super::reader::Reader;

/// The settings of one function: one struct, one field per variable.
pub trait FunctionSettings: Clone + Send + Sync + 'static {
    /// Reads them. `None` only ever comes with a problem that `reader` has noted.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;

    /// What all functions share.
    fn entra(&self) -> &EntraSettings;

    /// The function that signs, for those who ask it (`ON_DEMAND_FUNCTION`).
    fn on_demand_function(&self) -> Option<&str> {
        None
    }
}
