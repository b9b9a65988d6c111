//! What only a provider can do: it answers each time otherwise, acknowledges what it does not keep, and lists what it does not give.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use printkeep::core::name::ObjectName;
use printkeep::core::seal::Proved;
use printkeep::engine::Cancel;
use printkeep::engine::repository::chunk_index::ChunkIndex;
use printkeep::engine::repository::remote::Remote;
use printkeep::engine::runtime::Runtime;
use printkeep::engine::sync::{self, Pull};
use printkeep::provider::folder::Folder;
use printkeep::provider::{Listed, Pending, Provider, ProviderError, PutReceipt, Wanted};

use crate::mixed_lies::holds_what_is_proved;
use crate::support::job::JobTools;
use crate::support::world::World;

const PC: usize = 0;
const ENDER: usize = 1;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    GivesAnotherOfItsType,
    GivesAnotherEachTime,
    GivesMore,
    GivesLess,
    GivesNothing,
    SaysThatAllIsMissing,
    KeepsNothing,
    SaysThatAllIsTaken,
    RemovesNothing,
    RemovesAllThatIsPut,
    ListsAllTwice,
    ListsNothing,
    ListsEveryOther,
    ListsHugeSizes,
    ListsTheEmpty,
    ListsAndThenFails,
    FailsEveryOther,
    HeadsAreMissing,
}

const ALL: [Lie; 18] = [
    Lie::GivesAnotherOfItsType,
    Lie::GivesAnotherEachTime,
    Lie::GivesMore,
    Lie::GivesLess,
    Lie::GivesNothing,
    Lie::SaysThatAllIsMissing,
    Lie::KeepsNothing,
    Lie::SaysThatAllIsTaken,
    Lie::RemovesNothing,
    Lie::RemovesAllThatIsPut,
    Lie::ListsAllTwice,
    Lie::ListsNothing,
    Lie::ListsEveryOther,
    Lie::ListsHugeSizes,
    Lie::ListsTheEmpty,
    Lie::ListsAndThenFails,
    Lie::FailsEveryOther,
    Lie::HeadsAreMissing,
];

struct Hostile {
    folder: Folder,
    /// Takes what is acknowledged and not kept.
    elsewhere: Folder,
    lie: Lie,
    asked: AtomicU64,
}

impl Hostile {
    fn fails(&self) -> Result<u64, ProviderError> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        match self.lie == Lie::FailsEveryOther && asked % 2 == 1 {
            true => Err(ProviderError::Missing),
            false => Ok(asked),
        }
    }

    fn answered(&self, name: &ObjectName, asked: u64, mut bytes: Vec<u8>) -> Vec<u8> {
        let middle = bytes.len() / 2;
        match self.lie {
            Lie::GivesAnotherOfItsType => {
                let mut names = Vec::new();
                let folder = name.to_string().split('/').next().unwrap().to_owned();
                let mut all = |page: &[Listed]| names.extend(page.iter().map(|one| one.name));
                self.folder.list_now(&folder, &mut all).unwrap();
                let other = names.iter().find(|other| *other != name);
                other.map_or(bytes, |other| self.folder.get_now(other, None).unwrap())
            }
            Lie::GivesAnotherEachTime => {
                bytes[middle] ^= u8::try_from(asked % 255).unwrap() + 1;
                bytes
            }
            Lie::GivesMore => [bytes, vec![7; 100_000]].concat(),
            Lie::GivesLess => bytes[..middle].to_vec(),
            Lie::GivesNothing => Vec::new(),
            _ => bytes,
        }
    }
}

impl Provider for Hostile {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        Box::pin(async move {
            self.fails()?;
            match self.lie {
                Lie::KeepsNothing => self.elsewhere.put(object).await,
                Lie::SaysThatAllIsTaken => Err(ProviderError::Taken),
                Lie::RemovesAllThatIsPut => {
                    let receipt = self.folder.put(object).await;
                    self.folder.remove(&object.name()).await?;
                    receipt
                }
                _ => self.folder.put(object).await,
            }
        })
    }

    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        Box::pin(async move {
            let asked = self.fails()?;
            let is_hidden = self.lie == Lie::HeadsAreMissing && matches!(name, ObjectName::Head(..));
            if is_hidden || self.lie == Lie::SaysThatAllIsMissing {
                return Err(ProviderError::Missing);
            }
            Ok(self.answered(name, asked, self.folder.get(name, wanted).await?))
        })
    }

    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        Box::pin(async move {
            let asked = self.fails()?;
            let mut all = Vec::new();
            self.folder.list(folder, &mut |some: &[Listed]| all.extend_from_slice(some)).await?;
            let sized = |size: u64| all.iter().map(|one| Listed { size, ..*one }).collect();
            let shown: Vec<Listed> = match self.lie {
                Lie::ListsAllTwice => [all.clone(), all].concat(),
                Lie::ListsNothing => Vec::new(),
                Lie::ListsEveryOther => all.into_iter().skip(usize::try_from(asked % 2).unwrap()).step_by(2).collect(),
                Lie::ListsHugeSizes => sized(u64::MAX),
                Lie::ListsTheEmpty => sized(0),
                _ => all,
            };
            page(&shown);
            if self.lie == Lie::ListsAndThenFails { Err(ProviderError::Missing) } else { Ok(()) }
        })
    }

    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        Box::pin(async move {
            self.fails()?;
            if self.lie == Lie::RemovesNothing { Ok(()) } else { self.folder.remove(name).await }
        })
    }

    fn place(&self) -> String {
        self.folder.place()
    }
}

/// A sync over the hostile provider, which may fail and must not panic; how many requests it took.
fn sync_over(world: &World, at: usize, lie: Lie, elsewhere: &Path) -> u64 {
    let mut account = world.devices[at].open();
    let cancel = Cancel::default();
    let [folder, elsewhere] = [&world.store, elsewhere].map(|path| Folder::create(path, account.id()).unwrap());
    let hostile = std::sync::Arc::new(Hostile { folder, elsewhere, lie, asked: AtomicU64::new(0) });
    let remote = Remote::new("store", Box::new(Shared(hostile.clone())), &Runtime::new(&cancel));
    let mut chunk_index = ChunkIndex::open(&account).unwrap();
    let tools = JobTools::new(&cancel);
    let _ = sync::sync(&mut account, &mut chunk_index, &remote, Pull::All, tools.job(&|_| {}));
    hostile.asked.load(Ordering::Relaxed)
}

/// The provider, counted from outside.
struct Shared(std::sync::Arc<Hostile>);

impl Provider for Shared {
    fn put<'a>(&'a self, object: &'a Proved) -> Pending<'a, PutReceipt> {
        self.0.put(object)
    }
    fn get<'a>(&'a self, name: &'a ObjectName, wanted: Wanted) -> Pending<'a, Vec<u8>> {
        self.0.get(name, wanted)
    }
    fn list<'a>(&'a self, folder: &'a str, page: &'a mut (dyn FnMut(&[Listed]) + Send)) -> Pending<'a, ()> {
        self.0.list(folder, page)
    }
    fn remove<'a>(&'a self, name: &'a ObjectName) -> Pending<'a, ()> {
        self.0.remove(name)
    }
    fn place(&self) -> String {
        self.0.place()
    }
}

/// Whatever the provider does, each device holds only what is proved and backs up on; once it is honest again, all of it is there, and a machine
/// that knows nothing restores every snapshot from it alone.
#[test]
fn whatever_a_provider_answers_is_made_good_once_it_is_honest() {
    let world = World::new(&["ender"]);
    for at in [PC, ENDER] {
        world.change(at, at as u64);
        world.backup(at);
        world.sync(at);
    }
    world.sync(PC);
    let saved = world.save();
    for lie in ALL {
        world.begin_again(&saved);
        let elsewhere = tempfile::tempdir().unwrap();
        for round in 1..3 {
            for at in [PC, ENDER] {
                world.change(at, round * 10 + at as u64);
                world.backup(at);
                let requests = sync_over(&world, at, lie, elsewhere.path());
                assert!(requests < 500, "{lie:?}: {requests} requests");
                holds_what_is_proved(&world.devices[at], &lie);
            }
        }
        // the first tells what lacks there, and sends it again
        for at in [PC, ENDER, PC, ENDER] {
            let (exit, told) = world.devices[at].home.run(&["sync"]);
            assert!([0, 3, 7].contains(&exit), "{lie:?}: {told}");
        }
        for at in [PC, ENDER] {
            let (exit, told) = world.devices[at].home.run(&["sync"]);
            assert_eq!(exit, 0, "{lie:?}: {told}");
            world.take_sent(at);
        }
        world.check();
    }
}
