//! No more bytes in a second than the owner gave a store, sent and received together.
//!
//! Bytes take their turn in a row: they go when those booked before them have had theirs. Network clients book body by
//! body, a few kilobytes at a time, so that the line stays free for others; [`Limit`] does it around any other place, object by
//! object.

use std::sync::Arc;

use crate::core::name::ObjectName;
use crate::core::seal::Proved;
pub use crate::provider::gate::{Gate, Rate};
use crate::provider::scope::ScopeView;
use crate::provider::{Listed, Pending, Provider, PutReceipt, Wanted};

/// What a name costs in a listing, in bytes, about.
const NAME: usize = 128;

/// Keeps a place to a rate.
pub struct Limit {
    inner: Box<dyn Provider>,
    gate: Arc<Gate>,
}

impl Limit {
    /// Around `inner`, or `inner` itself where there is no limit.
    pub fn around(inner: Box<dyn Provider>, rate: Option<Rate>) -> Box<dyn Provider> {
        match Gate::of(rate) {
            Some(gate) => Box::new(Self { inner, gate }),
            None => inner,
        }
    }
}

impl Provider for Limit {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        Box::pin(async move {
            self.gate.turn(object.bytes().len()).await;
            self.inner.put(object).await
        })
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        Box::pin(async move {
            self.gate.turn(0).await;
            let bytes = self.inner.get(name, wanted).await?;
            self.gate.reserve(bytes.len());
            Ok(bytes)
        })
    }

    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        Box::pin(async move {
            self.gate.turn(0).await;
            let mut booked = |names: &[Listed]| {
                self.gate.reserve(names.len() * NAME);
                page(names);
            };
            self.inner.list(folder, &mut booked).await
        })
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        self.inner.remove(name)
    }

    fn place(&self) -> String {
        self.inner.place()
    }

    fn narrow(&self) -> Option<&ScopeView> {
        self.inner.narrow()
    }

    /// None: an object goes there as a whole once it is its turn.
    fn gate(&self) -> Option<Arc<Gate>> {
        None
    }

    fn earlier<'a>(&'a self, name: &'a ObjectName, nth: usize) -> Pending<'a, Vec<u8>> {
        Box::pin(async move {
            self.gate.turn(0).await;
            let bytes = self.inner.earlier(name, nth).await?;
            self.gate.reserve(bytes.len());
            Ok(bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use tokio::time::Instant;

    use crate::core::name::ObjectId;

    struct Instant0;

    impl Provider for Instant0 {
        fn put<'a>(&'a self, _: &'a Proved) -> Pending<'a, PutReceipt> {
            Box::pin(async { Err(crate::provider::ProviderError::Taken) })
        }

        fn get<'a>(&'a self, _: &'a ObjectName, _: Wanted) -> Pending<'a, Vec<u8>> {
            Box::pin(async { Ok(vec![0; 100_000]) })
        }

        fn list<'a>(&'a self, _: &'a str, _: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
            Box::pin(async { Ok(()) })
        }

        fn remove<'a>(&'a self, _: &'a ObjectName) -> Pending<'a, ()> {
            Box::pin(async { Ok(()) })
        }

        fn place(&self) -> String {
            "a test".into()
        }
    }

    /// How long eleven transfers of 100,000 bytes take, one after another or all at once.
    fn time(rate: Option<&str>, at_once: bool, sent: bool) -> Duration {
        let place = Limit::around(Box::new(Instant0), rate.map(|rate| Rate::parse(rate).unwrap()));
        let name = ObjectName::Slot(ObjectId::from_bytes([1; 16]));
        let account = crate::core::name::AccountId::from_bytes([1; 16]);
        let keys =
            crate::core::keys::Keyring::random(account, &crate::core::testing::Counting::new(2)).unwrap().writer().unwrap();
        let object = crate::core::seal::seal(
            &keys,
            name,
            crate::core::seal::To::Devices,
            &[7; 100_000],
            &crate::core::testing::Counting::new(1),
        );
        let object = object.unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let begin = Instant::now();
            let one = || async {
                if sent {
                    let _ = place.put(&object).await;
                } else {
                    assert_eq!(place.get(&name, Wanted::whole(&name)).await.unwrap().len(), 100_000);
                }
            };
            if at_once {
                futures_util::future::join_all((0..11).map(|_| one())).await;
            } else {
                for _ in 0..11 {
                    one().await;
                }
            }
            begin.elapsed()
        })
    }

    #[test]
    fn bytes_keep_to_the_rate_however_many_go_at_once() {
        assert_eq!(time(None, false, true), Duration::ZERO);
        for (at_once, sent) in [(false, true), (true, true), (false, false)] {
            let took = time(Some("100 KB/s"), at_once, sent).as_secs_f64();
            assert!((9.9..12.0).contains(&took), "{at_once} {sent}: {took}");
        }
    }

    #[test]
    fn rates_read_back_what_they_write() {
        for text in ["500 KB/s", "2 MB/s", "64 KiB/s", "1001 B/s", "3 MiB/s", "1 GB/s"] {
            assert_eq!(Rate::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Rate::parse("500kB/s"), Rate::parse("500 KB/s"));
        for bad in ["", "500", "KB/s", "-1 KB/s", "0 KB/s", "1 B/s", "1e3 B/s", "99999999999999999999 B/s", "99999999999 GB/s"] {
            assert_eq!(Rate::parse(bad), None, "{bad}");
        }
    }
}
