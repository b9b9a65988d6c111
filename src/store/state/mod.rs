//! stub
use crate::core::random::Random;
use crate::core::secret::Secret;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::RwLock;
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    Files,
    Chunks,
    Packs,
    Meta,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sled,
    Redb,
}
pub struct Change {
    table: Table,
    key: Vec<u8>,
    value: Option<Vec<u8>>,
}
impl Change {
    pub fn put(table: Table, key: &[u8], value: Vec<u8>) -> Self {
        Self { table, key: key.to_vec(), value: Some(value) }
    }
    pub fn value(&self) -> Option<&[u8]> {
        self.value.as_deref()
    }
}
#[derive(Debug)]
pub struct StateError(String);
impl std::fmt::Display for StateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
pub struct Opened {
    pub state: State,
    pub rebuilt: Option<String>,
}
pub struct State {
    map: RwLock<HashMap<(Table, Vec<u8>), Vec<u8>>>,
}
impl State {
    pub fn open(_: &Path, _: Backend, _: &Secret<32>, _: &[u8; 32], _: &dyn Random) -> Result<Opened, StateError> {
        Ok(Opened { state: State { map: RwLock::default() }, rebuilt: None })
    }
    pub fn get(&self, t: Table, k: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.map.read().unwrap().get(&(t, k.to_vec())).cloned())
    }
    pub fn apply(&self, c: &[Change]) -> Result<(), StateError> {
        let mut m = self.map.write().unwrap();
        for c in c {
            match &c.value {
                Some(v) => {
                    m.insert((c.table, c.key.clone()), v.clone());
                }
                None => {
                    m.remove(&(c.table, c.key.clone()));
                }
            }
        }
        Ok(())
    }
    pub fn barrier(&self) -> Result<(), StateError> {
        Ok(())
    }
    pub fn clear(&self) -> Result<(), StateError> {
        self.map.write().unwrap().clear();
        Ok(())
    }
    pub fn for_each(&self, t: Table, f: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<(), StateError> {
        for ((tt, _), v) in self.map.read().unwrap().iter() {
            if *tt == t && f(v).is_break() {
                break;
            }
        }
        Ok(())
    }
}
