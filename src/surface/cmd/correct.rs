//! `data correct`: the owner says how something is; it is kept beside what was recorded, under the same consent and masking.

use serde_json::json;

use crate::consent::{Item, Masking};
use crate::engine::facts::{Take, mask, record};
use crate::store::work_lock::Work;
use crate::surface::context::Context;
use crate::surface::exit::Failure;
use crate::surface::show::Answer;

/// Records a correction.
pub fn run(context: &Context, item: Item, value: &str) -> Result<Answer, Failure> {
    if !item.is_recorded() || matches!(item, Item::OperationLog | Item::Diagnostics) {
        return Err(Failure::usage(format!("of {} nothing is recorded that could be corrected", item.as_str())));
    }
    let mut account = context.open(Work::Records)?;
    let permit = account.ledger.permit(item).map_err(|refusal| {
        let hint = format!(
            "what is not allowed is not held, so there is nothing to correct; `printkeep consent grant {}`",
            item.as_str()
        );
        Failure::from(refusal).hint(hint)
    })?;
    let values = [("corrected", value.to_owned())];
    let masked = mask(&account, &permit, &values, &[]);
    let masked = masked.ok_or_else(|| match item.masking() {
        Masking::Truncated => Failure::usage(format!("{value:?} is no IP address")),
        _ => Failure::usage("an empty value corrects nothing"),
    })?;
    let number = record(&mut account, &permit, &masked, Take::Correction, context.now(), &context.random)?;
    let line = format!("Kept beside what was recorded of {}: {}", item.as_str(), masked.text().trim_end());
    Ok(Answer::new(vec![line], json!({ "item": item.as_str(), "number": number, "text": masked.text() })))
}
