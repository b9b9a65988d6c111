//! What a sync deletes at a store, for commands that are not asked of the service layer yet.

use std::collections::BTreeSet;

use serde_json::Value;
use crate::engine::runtime::Runtime;

use crate::app::deletion;
use crate::config::{Config, Store as StoreConfig};
use crate::core::name::ObjectName;
use crate::engine::account::AccountWriter;
use crate::surface::context::{Context, language};
use crate::surface::exit::{Exit, Failure};
use crate::surface::words;

/// Part of an answer.
pub struct Told {
    /// For people.
    pub lines: Vec<String>,
    /// For programs.
    pub fields: Value,
    /// How it ended.
    pub exit: Exit,
}

impl Default for Told {
    fn default() -> Self {
        Self { lines: Vec::new(), fields: Value::Null, exit: Exit::Done }
    }
}

/// The owner's names for the stores that facts go to.
pub fn store_names(config: &Config) -> Vec<String> {
    deletion::store_names(config)
}

/// Removes from a store whatever is deleted here.
pub fn at_store(
    context: &Context,
    account: &mut AccountWriter,
    place: (&StoreConfig, &Runtime),
    there: &mut BTreeSet<ObjectName>,
) -> Result<Told, Failure> {
    let name = place.0.name.clone();
    let Some(deleted) = deletion::at_store(&context.session(false), account, place, there)? else {
        return Ok(Told::default());
    };
    let fields = serde_json::to_value(&deleted).unwrap_or_default();
    if let Some(error) = &deleted.error {
        let why = words::Words::of(language()).say(error);
        words::note(&format!("{name}: deleted records could not be removed there: {why}; the next sync tries again."));
        return Ok(Told { fields, exit: Exit::Incomplete, ..Told::default() });
    }
    let count = words::count(deleted.removed, "deleted record");
    let line = format!("{name}: {count} removed; its listing no longer shows them.");
    let lines = if deleted.removed > 0 { vec![line] } else { Vec::new() };
    Ok(Told { lines, fields, exit: Exit::Done })
}
