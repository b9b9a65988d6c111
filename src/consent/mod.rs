//! What the owner allowed; the only maker of a Permit.
