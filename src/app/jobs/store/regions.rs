//! Shows or sets the regions that sealed objects may go to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::app::Failure;
use crate::app::access::asked_wrong;
use crate::app::answer::Answer;
use crate::app::job::{Audited, Job};
use crate::app::work::Work;
use crate::config::Config;
use crate::local::audit::Event;
use crate::provider::address::Address;

/// Shows the regions, or sets them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StoreRegions {
    /// The only ones from now on; none changes nothing.
    pub regions: Vec<String>,
    /// From now on any.
    pub any: bool,
}

/// The regions allowed, and where each store lies.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Regions {
    /// The only ones allowed; none means any.
    pub regions: Option<Vec<String>>,
    /// The stores.
    pub stores: Vec<StoreRegion>,
}

/// Where a store lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoreRegion {
    /// The store.
    pub store: String,
    /// Its region, as far as somebody said.
    pub region: Option<String>,
    /// Whether it is a folder of this machine.
    pub folder: bool,
    /// Whether it is used.
    pub allowed: bool,
}

impl Answer for Regions {}

impl Job for StoreRegions {
    type Reply = Regions;

    fn audited(&self) -> Option<Audited> {
        let sets = self.any || !self.regions.is_empty();
        sets.then(|| Audited::of(Event::Settings, "regions set"))
    }

    fn run(self, work: &Work<'_>) -> Result<Regions, Failure> {
        if self.any || !self.regions.is_empty() {
            work.change_config(|config| {
                config.regions = (!self.any).then_some(self.regions);
                *config = Config::parse(&config.to_toml()?).map_err(asked_wrong)?;
                Ok(())
            })?;
        }
        let config = work.session.config()?;
        let stores = config.stores.iter().map(|store| StoreRegion {
            store: store.name.clone(),
            region: store.region().map(str::to_owned),
            folder: matches!(store.address, Address::Folder(_)),
            allowed: !store.elsewhere,
        });
        let stores = stores.collect();
        Ok(Regions { regions: config.regions, stores })
    }
}
