//! How commands that are not asked of the service layer yet describe a store.

use crate::config;
use crate::provider::credentials::Credentials;
use crate::surface::args::Access;
use crate::surface::exit::Failure;

/// A store as the command line describes it.
pub fn describe(name: &str, url: &str, access: &Access) -> Result<config::Store, Failure> {
    Ok(crate::app::access::Access::from(access.clone()).describe(name, url)?)
}

/// The credentials for a store.
pub fn credentials(store: &config::Store, access: &Access) -> Result<Option<Credentials>, Failure> {
    Ok(crate::app::access::Access::from(access.clone()).credentials(store)?)
}
